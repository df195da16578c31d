-- Events of a shop's history come after all others also on their way into the mirror.
ALTER TABLE inbox_waiting ADD COLUMN later boolean NOT NULL DEFAULT false;
CREATE INDEX inbox_waiting_next ON inbox_waiting (later, id) WHERE tries = 0;
