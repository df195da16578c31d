package io.shopbridge.identify;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.map.MatchKey;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.BulkJobs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Claims on persons whose CRM record is being created, so that two records of one person do not create it twice. A
 * claim is taken before the create and outlives it, because a CRM's search finds a new record only after some seconds.
 * Keys are stored as hashes.
 */
@Component
class IdentityClaims {

    /** A claim whose owner has no link after this long, and waits for no job, did not succeed and may be taken over. */
    static final Duration ABANDONED_AFTER = Duration.ofMinutes(2);
    private static final String ABANDONED = "interval '" + ABANDONED_AFTER.toSeconds() + " seconds'";

    /**
     * @param owner who holds the key
     * @param crmId the owner's CRM record; null while it is being created
     * @param since when the owner took it
     */
    record Claim(RecordKey owner, String crmId, Instant since) {
    }

    private final JdbcTemplate jdbc;

    IdentityClaims(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Claims these keys for their records, if they are free; returns the holder of each key.
     * The first record of the list with a key gets it.
     *
     * @param scope within which a key has one holder: the CRM's object, or the part of it that is one store's
     */
    Map<MatchKey, Claim> claim(String crm, String scope, Collection<Unidentified> records) {
        Map<String, MatchKey> keys = new HashMap<>();
        Map<String, RecordKey> wanted = new TreeMap<>();
        for (Unidentified record : records) {
            for (MatchKey key : record.keys()) {
                String hash = hash(key);
                keys.put(hash, key);
                wanted.putIfAbsent(hash, record.key());
            }
        }
        if (wanted.isEmpty()) {
            return Map.of();
        }
        List<String> hashes = List.copyOf(wanted.keySet());
        List<RecordKey> owners = new ArrayList<>();
        hashes.forEach(hash -> owners.add(wanted.get(hash)));
        jdbc.update("""
                INSERT INTO identity_claim AS c (crm, object, key, store, entity, record_id)
                SELECT ?, ?, decode(k.hash, 'hex'), k.store, k.entity, k.record_id
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS k (hash, store, entity, record_id)
                ORDER BY k.hash
                ON CONFLICT (crm, object, key) DO UPDATE
                SET store = EXCLUDED.store, entity = EXCLUDED.entity, record_id = EXCLUDED.record_id, claimed_at = now()
                WHERE c.claimed_at < now() - %s AND NOT EXISTS (
                    SELECT 1 FROM link l WHERE l.crm = c.crm AND l.store = c.store AND l.entity = c.entity
                    AND l.record_id = c.record_id) AND NOT EXISTS (%s)""".formatted(ABANDONED, BulkJobs.inJob("c")),
                crm, scope, texts(hashes), texts(owners, RecordKey::store), texts(owners, RecordKey::entity),
                texts(owners, RecordKey::recordId));
        return holders(crm, scope, keys);
    }

    /** The holders of these keys. */
    Map<MatchKey, Claim> holders(String crm, String scope, Collection<MatchKey> keys) {
        Map<String, MatchKey> byHash = new HashMap<>();
        keys.forEach(key -> byHash.put(hash(key), key));
        return holders(crm, scope, byHash);
    }

    private Map<MatchKey, Claim> holders(String crm, String scope, Map<String, MatchKey> byHash) {
        Map<MatchKey, Claim> claims = new HashMap<>();
        if (byHash.isEmpty()) {
            return claims;
        }
        jdbc.query("""
                SELECT encode(c.key, 'hex'), c.store, c.entity, c.record_id, l.crm_id,
                    CASE WHEN EXISTS (%s) THEN now() ELSE c.claimed_at END
                FROM identity_claim c
                LEFT JOIN link l ON l.crm = c.crm AND l.store = c.store AND l.entity = c.entity
                    AND l.record_id = c.record_id
                WHERE c.crm = ? AND c.object = ?
                    AND c.key = ANY (ARRAY(SELECT decode(h, 'hex') FROM unnest(?::text[]) h))"""
                .formatted(BulkJobs.inJob("c")),
                row -> {
                    claims.put(byHash.get(row.getString(1)), new Claim(
                            new RecordKey(row.getString(2), row.getString(3), row.getString(4)), row.getString(5),
                            row.getTimestamp(6).toInstant()));
                },
                crm, scope, texts(byHash.keySet()));
        return claims;
    }

    /** Moves the claims of a record to another. */
    void handOver(String crm, RecordKey from, RecordKey to) {
        jdbc.update("UPDATE identity_claim SET store = ?, entity = ?, record_id = ? WHERE crm = ? AND store = ?"
                + " AND entity = ? AND record_id = ?", to.store(), to.entity(), to.recordId(), crm, from.store(),
                from.entity(), from.recordId());
    }

    /** Releases the claims of this record: it will not be created. */
    void release(String crm, RecordKey owner) {
        jdbc.update("DELETE FROM identity_claim WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?",
                crm, owner.store(), owner.entity(), owner.recordId());
    }

    private static String hash(MatchKey key) {
        return DigestUtils.sha256Hex(key.field() + "\n" + key.value());
    }
}
