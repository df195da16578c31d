package io.shopbridge.mirror;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Keeps records one that have several names. A webhook of a checkout has the token of its cart and its own, an answer of
 * the API only its own, a deletion perhaps only the cart's. Whichever name comes first is the record's id.
 */
@Component
class Aliases {

    private final JdbcTemplate jdbc;
    private final Shopify shopify;

    Aliases(JdbcTemplate jdbc, Shopify shopify) {
        this.jdbc = jdbc;
        this.shopify = shopify;
    }

    /**
     * Has these events speak of each record by its one id; within the caller's transaction.
     *
     * @param alsoNamed names by which records that these events don't tell of are looked for: nobody brings one of them in
     *     at the same time
     */
    void join(Map<Long, List<FacetChange>> byEvent, Set<RecordKey> alsoNamed) {
        Map<Long, Map<RecordKey, Set<RecordKey>>> names = new TreeMap<>();
        byEvent.forEach((event, changes) -> {
            Map<RecordKey, Set<RecordKey>> said = names(changes);
            if (!said.isEmpty()) {
                names.put(event, said);
            }
        });
        Set<RecordKey> all = new TreeSet<>();
        names.values().forEach(said -> said.values().forEach(all::addAll));
        Set<RecordKey> locked = new TreeSet<>(all);
        locked.addAll(alsoNamed);
        lock(locked);
        if (names.isEmpty()) {
            return;
        }
        Map<RecordKey, RecordKey> ids = known(all);
        Map<RecordKey, RecordKey> found = new LinkedHashMap<>();
        names.forEach((event, said) -> {
            Map<RecordKey, RecordKey> renamed = new HashMap<>();
            said.forEach((key, others) -> {
                RecordKey id = ids.getOrDefault(key, others.stream().filter(ids::containsKey).findFirst()
                        .map(ids::get).orElse(key));
                others.stream().filter(name -> ids.putIfAbsent(name, id) == null && !name.equals(id))
                        .forEach(name -> found.put(name, id));
                if (!id.equals(key)) {
                    renamed.put(key, id);
                }
            });
            byEvent.computeIfPresent(event, (number, changes) ->
                    changes.stream().map(change -> renamed(change, renamed.get(change.key()))).toList());
        });
        remember(found);
    }

    /** All names that these changes give each record of a kind that has several; of no other record. */
    Map<RecordKey, Set<RecordKey>> names(List<FacetChange> changes) {
        Map<RecordKey, Set<RecordKey>> names = new HashMap<>();
        for (FacetChange change : changes) {
            RecordKey key = change.key();
            Entity entity = shopify.entity(key.entity());
            if (entity.id().size() > 1) {
                Set<RecordKey> of = names.computeIfAbsent(key, one -> new TreeSet<>(Set.of(one)));
                if (change.facet().equals(entity.facet()) && Json.readOwn(change.value()) instanceof ObjectNode object) {
                    entity.id().stream().map(field -> Json.text(object, field)).filter(name -> name != null && Ids.isId(name))
                            .forEach(name -> of.add(new RecordKey(key.store(), key.entity(), name)));
                }
            }
        }
        return names;
    }

    /** Two events that name one record differently, in two processes, are brought in one after the other. */
    private void lock(Set<RecordKey> names) {
        if (names.isEmpty()) {
            return;
        }
        jdbc.query("SELECT pg_advisory_xact_lock(hashtextextended(name, 5)) FROM unnest(?::text[]) AS n (name)", row -> { },
                texts(names, name -> name.store() + "/" + name));
    }

    /** The ids of those of these names that the mirror knows. */
    Map<RecordKey, RecordKey> known(Set<RecordKey> names) {
        Map<RecordKey, RecordKey> ids = new HashMap<>();
        if (names.isEmpty()) {
            return ids;
        }
        jdbc.query("""
                WITH n AS (SELECT * FROM unnest(?::text[], ?::text[], ?::text[]) AS n (store, entity, name))
                SELECT n.store, n.entity, n.name, coalesce(a.record_id, n.name) FROM n
                LEFT JOIN record_alias a ON a.store = n.store AND a.entity = n.entity AND a.alias = n.name
                WHERE a.alias IS NOT NULL OR EXISTS (SELECT 1 FROM mirror_facet f
                    WHERE f.store = n.store AND f.entity = n.entity AND f.record_id = n.name)""",
                row -> {
                    RecordKey name = new RecordKey(row.getString(1), row.getString(2), row.getString(3));
                    ids.put(name, new RecordKey(name.store(), name.entity(), row.getString(4)));
                },
                texts(names, RecordKey::store), texts(names, RecordKey::entity), texts(names, RecordKey::recordId));
        return ids;
    }

    private void remember(Map<RecordKey, RecordKey> aliases) {
        if (!aliases.isEmpty()) {
            List<RecordKey> names = aliases.keySet().stream().sorted(Comparator.naturalOrder()).toList();
            jdbc.update("""
                    INSERT INTO record_alias (store, entity, alias, record_id)
                    SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) ON CONFLICT DO NOTHING""",
                    texts(names, RecordKey::store), texts(names, RecordKey::entity), texts(names, RecordKey::recordId),
                    texts(names, name -> aliases.get(name).recordId()));
        }
    }

    private FacetChange renamed(FacetChange change, RecordKey id) {
        if (id == null) {
            return change;
        }
        byte[] value = change.value();
        if (change.facet().equals(shopify.entity(id.entity()).facet())
                && Json.readOwn(value) instanceof ObjectNode object) {
            value = Json.write(object.put("id", id.recordId()));
        }
        return new FacetChange(id, change.facet(), change.byField(), change.version(), value, change.inboxId());
    }
}
