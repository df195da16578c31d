package io.shopbridge.operate;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the audit. */
@Component
class AuditEntries {

    private final JdbcClient database;

    AuditEntries(JdbcClient database) {
        this.database = database;
    }

    /**
     * The entries that fit, newest first.
     *
     * @throws Problem if a parameter is not legal; says what is
     */
    Page<AuditEntry> find(AuditQuery query) {
        int limit = Parameters.limit(query.limit());
        List<AuditEntry> rows = new Conditions().equal("who", query.who()).equal("did", query.did())
                .since(query.since()).until(query.until()).after(query.cursor())
                .query(database, "SELECT * FROM audit", "at DESC, id DESC", limit).query(AuditEntry::of).list();
        return Page.of(rows, limit, row -> Cursor.of(row.at(), row.id()).text());
    }
}
