package io.shopbridge.ledger;

import io.shopbridge.merge.Conflict;
import io.shopbridge.store.RecordKey;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The table of conflicts: fields that both sides had changed, stored as hashes. */
@Component
public class Conflicts {

    private final JdbcTemplate jdbc;

    Conflicts(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Records them before anything is written: afterwards the base says that both sides agree. A delivery that is
     * repeated meets the same conflict again and adds nothing.
     */
    public void record(String crm, RecordKey key, String crmId, List<Conflict> conflicts) {
        for (Conflict conflict : conflicts) {
            jdbc.update("""
                    INSERT INTO conflict (crm, store, entity, record_id, crm_id, field, winner, shopify_hash, crm_hash,
                                          shopify_at, crm_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                    crm, key.store(), key.entity(), key.recordId(), crmId, conflict.field(),
                    conflict.winner().name().toLowerCase(Locale.ROOT), conflict.shopifyHash(), conflict.crmHash(),
                    timestamp(conflict.shopifyTime()), timestamp(conflict.crmTime()));
        }
    }

    private static Timestamp timestamp(Instant time) {
        return time == null ? null : Timestamp.from(time);
    }
}
