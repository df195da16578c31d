package io.shopbridge.operate;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads which records were delivered without some of their fields. */
@Component
public class LeftOutRecords {

    private final JdbcClient database;

    LeftOutRecords(JdbcClient database) {
        this.database = database;
    }

    /**
     * The records that fit, newest first.
     *
     * @throws Problem if a parameter is not legal; says what is
     */
    public Page<LeftOutRecord> find(LeftOutQuery query) {
        int limit = Parameters.limit(query.limit());
        List<LeftOutRecord> rows = new Conditions()
                .equal("crm", query.crm()).equal("store", query.store()).equal("entity", query.entity())
                .equal("record_id", query.record()).contains("fields", query.field())
                .since(query.since()).until(query.until()).after(query.cursor())
                .query(database, "SELECT * FROM left_out", "at DESC, id DESC", limit)
                .query(LeftOutRecord::of).list();
        return Page.of(rows, limit, row -> Cursor.of(row.at(), row.id()).text());
    }
}
