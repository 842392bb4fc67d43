# One image for everything of Loadline that runs in containers: the service's workers, the creation of its tables, the
# rendering of nginx's file, the dashboard, and the lab's probe. The command chooses one; see docker-compose.yml.

FROM node:24-trixie-slim AS manifests
WORKDIR /loadline
# Only what names the packages, so that a change of the code leaves their layers as they are.
COPY package.json package-lock.json ./
COPY services/package.json services/
COPY nginx/package.json nginx/
COPY dashboard/package.json dashboard/

FROM manifests AS packages
# Without what only people, compilers and the packages' own tests read; licences stay.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --workspace services --workspace nginx --workspace dashboard --omit=dev --no-audit --no-fund \
 && find node_modules \( -type d \( -name test -o -name tests -o -name .github \) \
      -o -type f -name '*.[cm]ts' -o -type f -name '*.ts' -o -type f -name '*.map' \
      -o -type f -name '*.md' ! -iname 'licen[cs]e*' \) -prune -exec rm -r {} +

# The page, as files for browsers; what they are made with stays here.
FROM manifests AS page
RUN --mount=type=cache,target=/root/.npm \
    npm ci --workspace dashboard --no-audit --no-fund
COPY model model
COPY services services
# What the page plans with; it stays here too.
COPY lab lab
COPY dashboard dashboard
COPY tsconfig.json ./
RUN npx vite build dashboard/page

# What runs, readable for every container's user.
FROM manifests AS code
COPY loadtests loadtests
COPY model model
COPY nginx nginx
COPY services services
COPY dashboard/healthy.sh dashboard/protocol.ts dashboard/work.ts dashboard/
COPY dashboard/server dashboard/server
COPY lab/probe lab/probe
# The tour's part of the claims.
COPY lab/claims/claims.json lab/claims/lines.ts lab/claims/*demonstration*.ts lab/claims/
COPY --from=page /loadline/dashboard/page/dist dashboard/page/dist
# Whatever a checkout's own rights and ends of lines are.
RUN rm package-lock.json && chmod -R u=rwX,go=rX . && find . -name '*.sh' -exec sed -i 's/\r$//' {} +

# k6 with its scripts: a bind mount of a checkout is not to be had on every engine, nor readable for every user.
FROM grafana/k6:2.2.0 AS k6
WORKDIR /loadline/loadtests
COPY --from=code /loadline/loadtests ./
COPY --from=code /loadline/model ../model

FROM node:24-trixie-slim
# libpq, in which blocking workers wait (services/database/libpq.ts).
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && apt-get update \
 && apt-get install --yes --no-install-recommends libpq5
WORKDIR /loadline
COPY --from=packages /loadline/node_modules node_modules
COPY --from=code /loadline ./
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/loadline/compile-cache \
    PATH=/loadline/node_modules/.bin:$PATH
# The last two are where nginx's file and the password are written: a fresh volume takes its owner from here.
RUN install --directory --mode=1777 compile-cache \
 && install --directory --owner=node --group=node /etc/loadline /run/secrets
# What Node compiles is kept in the image: what runs starts sooner, and needs no compiler of its own. It is kept by user.
USER 101:101
# It ends at once, since nobody has told it anything.
RUN node dashboard/server/main.ts || test $? = 2
USER node
RUN node services/compile.ts
