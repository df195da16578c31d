package io.shopbridge.database;

/**
 * Settings of a transaction that finds all its rows by indexes. Its statements are planned once in a connection and not
 * each time, which would take as long as running them; and a plan that was made while a table was nearly empty is still
 * right when it has a million rows, because only reading along an index is allowed
 * (https://www.postgresql.org/docs/current/runtime-config-query.html).
 */
public final class PlansByIndex {

    /** Statements that set them until the transaction ends. */
    public static final String SET_LOCAL = "SET LOCAL plan_cache_mode = force_generic_plan;"
            + " SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
            + " SET LOCAL enable_sort = off";

    private PlansByIndex() {
    }
}
