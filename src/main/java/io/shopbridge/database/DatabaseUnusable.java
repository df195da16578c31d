package io.shopbridge.database;

import io.shopbridge.start.StartRefused;

/** Shopbridge can't start with this database. Says what is wrong, and what to do about it. */
public class DatabaseUnusable extends StartRefused {

    DatabaseUnusable(String problem, String remedy) {
        super(problem, remedy);
    }

    DatabaseUnusable(String problem, String remedy, Throwable cause) {
        super(problem, remedy, cause);
    }
}
