package io.shopbridge.export;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An export of a table's rows as they are.
 *
 * @param name    by which it is asked for
 * @param columns in their order
 * @param order   the columns of the primary key, in which order rows come
 * @param at      the time by which rows are chosen
 * @param hasCrm  whether rows are of a CRM
 * @param hasStore whether rows are of a store
 */
record TableExport(String name, String table, List<String> columns, List<String> order, String at, boolean hasCrm,
        boolean hasStore) {

    static final List<TableExport> ALL = List.of(
            new TableExport("links", "link", List.of("crm", "store", "entity", "record_id", "parent_id", "object", "crm_id",
                    "linked_at", "synced_at"), List.of("crm", "store", "entity", "record_id"), "linked_at", true, true),
            new TableExport("outcomes", "outcome", List.of("id", "at", "crm", "store", "entity", "record_id", "topic",
                    "outcome", "because", "crm_id", "attempt", "lag_ms"), List.of("id"), "at", true, true),
            new TableExport("audit", "audit", List.of("id", "at", "who", "from_host", "did", "what", "details"),
                    List.of("id"), "at", false, false));

    static final List<String> NAMES = ALL.stream().map(TableExport::name).toList();

    /** A page of rows after the one whose key is bound last; the first page has no such condition. */
    String sql(boolean first, String conditions) {
        String keys = String.join(", ", order);
        String after = first ? "" : "(" + keys + ") > ("
                + order.stream().map(column -> "?").collect(Collectors.joining(", ")) + ")";
        String where = Stream.of(conditions, after).filter(part -> !part.isEmpty()).collect(Collectors.joining(" AND "));
        return "SELECT " + String.join(", ", columns) + " FROM " + table + (where.isEmpty() ? "" : " WHERE " + where)
                + " ORDER BY " + keys + " LIMIT ?";
    }
}
