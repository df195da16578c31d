package io.shopbridge.operate;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the conflicts. */
@Component
public class FieldConflicts {

    private final JdbcClient database;

    FieldConflicts(JdbcClient database) {
        this.database = database;
    }

    /**
     * The conflicts that fit, newest first.
     *
     * @throws Problem if a parameter is not legal; says what is
     */
    public Page<FieldConflict> find(ConflictQuery query) {
        int limit = Parameters.limit(query.limit());
        List<FieldConflict> rows = new Conditions()
                .equal("crm", query.crm()).equal("store", query.store()).equal("entity", query.entity())
                .equal("record_id", query.record()).equal("field", query.field())
                .oneOf("winner", "winner", query.winner(), ConflictQuery.WINNERS)
                .since(query.since()).until(query.until()).after(query.cursor())
                .query(database, "SELECT * FROM conflict", "at DESC, id DESC", limit)
                .query(FieldConflict::of).list();
        return Page.of(rows, limit, row -> Cursor.of(row.at(), row.id()).text());
    }
}
