-- What the mappings say that each process uses, told every few seconds as long as the plan is not over.
CREATE TABLE plan_process (
    plan    bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    process uuid NOT NULL,
    digest  text NOT NULL,                      -- of the same as the plan's
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (plan, process)
);
