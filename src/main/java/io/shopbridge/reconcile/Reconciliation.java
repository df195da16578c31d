package io.shopbridge.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.deliver.Difference.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A comparison of a CRM with the mirror, and how far it is.
 *
 * @param entities   the kinds of records, in this order
 * @param since      only records that were synchronised since then; null: all
 * @param repairs    the classes of differences that are repaired
 * @param repairMost so many records are repaired at most; null: no limit
 * @param dry        whether it only says what it would repair
 * @param scheduled  whether the schedule started it
 * @param paused     whether it is stopped for now
 * @param position   what is compared next
 * @param steps      how many steps were made
 * @param compared   how many records were compared
 * @param inFlight   how many were not, because a delivery of them was due
 * @param skipped    how many were not, because a delivery would write nothing of them
 * @param found      how many differences were found
 * @param repaired   how many records were repaired; of a dry run, would have been
 * @param calls      how often the CRM was asked
 * @param nightCalls how often since this night's part of it began
 * @param listed     how many contacts of the CRM were looked at, to find those that share an e-mail or phone
 * @param because    what is in the way, or why it failed; null: nothing
 */
public record Reconciliation(long id, String crm, List<String> entities, Instant since, Set<Kind> repairs,
        Long repairMost, boolean dry, boolean scheduled, State state, boolean paused, Position position, long steps,
        long compared, long inFlight, long skipped, long found, long repaired, long calls, long nightCalls, long listed,
        String because, Instant askedAt, Instant endedAt) {

    static final String CUSTOMER = "customer";
    static final int PARTS_OF_AN_ENTITY = 3;

    /** The last three are the end. */
    public enum State {
        RUNNING, DONE, FAILED, CANCELLED;

        /** As the table and the API have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** What is done, in this order: the first three of each entity, the others once. */
    enum Part {
        /** Records that are linked: are they as they must be? */
        LINKED,
        /** Records of the mirror: does the CRM lack one? */
        MIRRORED,
        /** Records of the CRM with our key: is one nobody's? */
        KEYED,
        /** Everything is compared: what differs is told. */
        COMPARED,
        /** All contacts of the CRM: which share an e-mail or phone? Last, because it may take longest. */
        LISTED,
        OVER
    }

    /**
     * What is compared next.
     *
     * @param part  a number: three for each entity, and those that follow all
     * @param store of this store, empty: the first one
     * @param id    the records after this id
     * @param page  of the CRM's list; null: the first
     */
    record Position(int part, String store, String id, JsonNode page) {

        static final Position FIRST = new Position(0, "", "", null);

        Position after(String lastId) {
            return new Position(part, store, lastId, null);
        }

        Position at(JsonNode next) {
            return new Position(part, store, id, next);
        }

        Position of(String otherStore) {
            return new Position(part, otherStore, "", null);
        }

        Position nextPart() {
            return new Position(part + 1, "", "", null);
        }
    }

    /** What is compared now, for people; empty: nothing any more. */
    public Optional<String> at() {
        return endedAt != null ? Optional.empty() : switch (part()) {
            // Those that were compared longest ago, perhaps of all kinds.
            case LINKED -> Optional.of("linked records" + (scheduled ? "" : ": " + where()));
            case MIRRORED -> Optional.of("records that the CRM may lack: " + where());
            case KEYED -> Optional.of("records of the CRM with our key: " + where());
            case COMPARED, LISTED -> Optional.of("contacts of the CRM that share an e-mail or phone");
            case OVER -> Optional.empty();
        };
    }

    private String where() {
        return entity() + (position.store().isEmpty() ? "" : " of " + position.store());
    }

    /** What is compared; contacts are listed as customers. */
    String entity() {
        int entity = position.part() / PARTS_OF_AN_ENTITY;
        return entity < entities.size() ? entities.get(entity) : CUSTOMER;
    }

    Part part() {
        int after = position.part() - entities.size() * PARTS_OF_AN_ENTITY;
        return Part.values()[after < 0 ? position.part() % PARTS_OF_AN_ENTITY
                : Math.min(PARTS_OF_AN_ENTITY + after, Part.OVER.ordinal())];
    }

    @Override
    public String toString() {
        return "reconciliation " + id + " of " + crm;
    }
}
