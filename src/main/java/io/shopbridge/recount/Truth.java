package io.shopbridge.recount;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What the last complete recount of an entity found.
 *
 * @param askedAt when it was started
 * @param counted records of the shop; null: it is not known
 * @param found   records by class, whether or not they were repaired
 */
record Truth(long recount, String store, String entity, Instant askedAt, Instant endedAt, Long counted,
        Map<Kind, Long> found) {

    /** Those in which the mirror was not as the shop. */
    static final Set<Kind> DIFFERING = Set.of(Kind.MISSING, Kind.STALE, Kind.DELETED);

    long found(Kind kind) {
        return found.getOrDefault(kind, 0L);
    }

    long differed() {
        return DIFFERING.stream().mapToLong(this::found).sum();
    }

    /** Of the shop and those that only the mirror had; 0 also where it is not known. */
    long compared() {
        return counted == null ? 0 : counted + found(Kind.DELETED);
    }

    /** How many percent of the records agreed, rounded down: only if all agreed it is 100. */
    BigDecimal percent() {
        return compared() == 0 ? BigDecimal.valueOf(100) : BigDecimal.valueOf((compared() - differed()) * 100)
                .divide(BigDecimal.valueOf(compared()), 3, RoundingMode.DOWN);
    }
}
