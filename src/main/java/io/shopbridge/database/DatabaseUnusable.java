package io.shopbridge.database;

/** Shopbridge cannot start with this database. Says what is wrong, and what a person can do about it. */
public class DatabaseUnusable extends RuntimeException {

    private final String remedy;

    DatabaseUnusable(String problem, String remedy) {
        this(problem, remedy, null);
    }

    DatabaseUnusable(String problem, String remedy, Throwable cause) {
        super(problem, cause);
        this.remedy = remedy;
    }

    /** What a person can do about it. */
    public String remedy() {
        return remedy;
    }
}
