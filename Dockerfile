# One image for everything of Loadline that runs in containers: the service's workers, the creation of its tables, and
# the rendering of nginx's file. Which of them is the command's choice; see docker-compose.yml.

FROM node:24-trixie-slim AS packages
WORKDIR /loadline
# Only what names the packages, so that a change of the code leaves this layer as it is.
COPY package.json package-lock.json ./
COPY services/package.json services/
COPY nginx/package.json nginx/
RUN --mount=type=cache,target=/root/.npm \
    npm ci --workspace services --workspace nginx --omit=dev --no-audit --no-fund

FROM node:24-trixie-slim
# libpq, in which blocking workers wait (services/database/libpq.ts).
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && apt-get update \
 && apt-get install --yes --no-install-recommends libpq5
WORKDIR /loadline
# Owned by who reads them, whatever a checkout's own rights are.
COPY --chown=node:node --from=packages /loadline/node_modules node_modules
COPY --chown=node:node package.json ./
COPY --chown=node:node errors errors
COPY --chown=node:node nginx nginx
COPY --chown=node:node services services
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/loadline/compile-cache \
    PATH=/loadline/node_modules/.bin:$PATH
# The second is where nginx's file is rendered to: a fresh volume takes its owner from here.
RUN install --directory --owner=node --group=node compile-cache /etc/loadline
USER node
# What Node compiles is kept in the image: workers start sooner, and need no compiler of their own. It is kept by user.
RUN node services/compile.ts
