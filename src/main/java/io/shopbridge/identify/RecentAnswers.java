package io.shopbridge.identify;

import io.shopbridge.map.MatchKey;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Caches what CRMs answered about records until these are delivered. If a CRM asks to wait in the middle of a batch,
 * the next attempt asks only for the rest; otherwise a low rate limit would be used up by the same questions again and
 * again. In memory and for minutes only, because users change the CRM meanwhile.
 */
@Component
class RecentAnswers {

    private static final Duration LIFETIME = Duration.ofMinutes(5);
    /** More than are ever in use at once; above it, those not used recently are dropped. */
    private static final int MANY = 10_000;

    private record About(String crm, RecordKey key) {
    }

    private record Answer(Instant at, List<CrmRecord> hits) {
        boolean counts() {
            return at.plus(LIFETIME).isAfter(Instant.now());
        }
    }

    private final Map<About, Map<MatchKey, Answer>> answers = new ConcurrentHashMap<>();

    /** The CRM has these records, or none, by this key of the record. */
    void keep(String crm, RecordKey record, MatchKey key, List<CrmRecord> hits) {
        if (answers.size() > MANY) {
            answers.values().removeIf(all -> all.values().stream().noneMatch(Answer::counts));
        }
        answers.compute(new About(crm, record), (about, before) -> {
            Map<MatchKey, Answer> all = before == null ? new HashMap<>() : new HashMap<>(before);
            all.put(key, new Answer(Instant.now(), List.copyOf(hits)));
            return all;
        });
    }

    /** The CRM's records with this key of the record; empty if the CRM must be asked. */
    Optional<List<CrmRecord>> of(String crm, RecordKey record, MatchKey key) {
        return Optional.ofNullable(answers.getOrDefault(new About(crm, record), Map.of()).get(key))
                .filter(Answer::counts).map(Answer::hits);
    }

    /** When the first answer about the record was given; empty where there is none that counts. */
    Optional<Instant> since(String crm, RecordKey record) {
        return answers.getOrDefault(new About(crm, record), Map.of()).values().stream().filter(Answer::counts)
                .map(Answer::at).min(Instant::compareTo);
    }

    /** The record was delivered, or must be looked up again. */
    void forget(String crm, RecordKey record) {
        answers.remove(new About(crm, record));
    }
}
