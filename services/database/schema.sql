-- Prices and totals are in whole cents.
CREATE TABLE IF NOT EXISTS items (
  id    int  PRIMARY KEY,
  name  text NOT NULL,
  price int  NOT NULL,
  stock int  NOT NULL
);

CREATE TABLE IF NOT EXISTS orders (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer  text        NOT NULL,
  total     bigint      NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS order_lines (
  order_id bigint NOT NULL REFERENCES orders,
  position int    NOT NULL,
  item     int    NOT NULL REFERENCES items,
  quantity int    NOT NULL,
  price    int    NOT NULL,
  PRIMARY KEY (order_id, position)
);

CREATE TABLE IF NOT EXISTS idempotency_keys (
  key         text PRIMARY KEY,
  fingerprint text NOT NULL,
  answer      text
);

-- The same 10,000 items in every database, so that every run reads the same bytes.
INSERT INTO items (id, name, price, stock)
SELECT id, 'Item ' || lpad(id::text, 5, '0'), 100 + (id * 7919) % 9900, (id * 31) % 500
FROM generate_series(1, 10000) AS id
ON CONFLICT (id) DO NOTHING;
