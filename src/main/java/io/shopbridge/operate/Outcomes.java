package io.shopbridge.operate;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the ledger. */
@Component
public class Outcomes {

    private final JdbcClient database;

    Outcomes(JdbcClient database) {
        this.database = database;
    }

    /**
     * The outcomes that fit, newest first.
     *
     * @throws Problem if a parameter is not legal; says what is
     */
    public Page<Outcome> find(OutcomeQuery query) {
        int limit = Parameters.limit(query.limit());
        List<Outcome> rows = new Conditions()
                .equal("crm", query.crm()).equal("store", query.store()).equal("entity", query.entity())
                .equal("record_id", query.record())
                .oneOf("outcome", "outcome", query.outcome(), Outcome.NAMES)
                .since(query.since()).until(query.until()).after(query.cursor())
                .query(database, "SELECT * FROM outcome", "at DESC, id DESC", limit)
                .query(Outcome::of).list();
        return Page.of(rows, limit, row -> Cursor.of(row.at(), row.id()).text());
    }
}
