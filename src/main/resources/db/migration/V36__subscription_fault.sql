-- Webhook subscriptions that the last check found missing or wrong, so that all processes can show them and a fault is
-- logged once.
CREATE TABLE subscription_fault (
    store   text        NOT NULL,
    topic   text        NOT NULL,
    because text        NOT NULL,
    since   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store, topic)
);
