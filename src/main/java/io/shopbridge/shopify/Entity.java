package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code entities.yaml} says of one kind of record.
 *
 * @param type   in Shopify's global ids, as in gid://shopify/Customer/7; null: not known
 * @param scope  the access scope that Shopify asks for before it tells of them; null: not known
 * @param facet  the facet that makes a record one that can be delivered
 * @param id     fields of its object of which the first with a value is its id; empty: {@code id} or the global id
 * @param lists  parts that are facets of their own, one each, by the canonical list that they become
 * @param all    lists of its object of which a body may have some, by their names: the field beside one that has all that
 *               there are. It is no field of the canonical record
 * @param apart  fields of its object that are facets of their own
 * @param together the same of several fields, by the name of the facet
 * @param whole  what of its object may be named in part
 * @param never  fields that are not stored
 * @param keep   the only fields that are stored, beside the id; empty: all others
 * @param asList fields that hold one thing, by the list that the record has of it
 * @param ids    ids that the record has of global ids in its object, by the names they get
 * @param buyer  whether it names who buys: the customer is a record of its own, and amounts are money
 * @param many   whether there are many of them, so that their deliveries share the threads of a CRM
 * @param with   another kind of record, with whose topics it comes; null: it has topics of its own
 */
public record Entity(String name, String type, String scope, String facet, List<String> id, Map<String, Part> lists,
        Map<String, String> all, Set<String> apart, Map<String, List<String>> together, PartlyNamed whole, Set<String> never,
        Set<String> keep, Map<String, String> asList, Map<String, String> ids, boolean buyer, boolean many,
        String with) {

    /**
     * Parts of which a record has several, each a facet called {@code <facet>:<id>}.
     *
     * @param list    the canonical list that they become
     * @param inside  whether the record's own object holds them too; a list of that name that it doesn't is not Shopify's
     * @param byField whether each of their fields has a version of its own
     * @param first   how the first of them is called alone; null: it isn't. Those that are {@code removed} are left out
     * @param listed  the field of the record's own object that has the ids of all that there are; null: none has. It is no
     *                field of the canonical record
     * @param record  the kind of record that they are as well, by the same ids; null: none
     * @param hidden  whether they say only that the record has changed
     * @param money   whether how far their money has come decides which state is newer
     */
    public record Part(String list, String facet, boolean inside, boolean byField, String first, String listed,
            String record, boolean hidden, boolean money, PartlyNamed whole) {

        /** The name of the facet of its element with this id. */
        public String facetOf(String id) {
            return facet + ":" + id;
        }

        /** Whether the facet of this name is of one of its elements. */
        public boolean isOf(String name) {
            return name.startsWith(facetOf(""));
        }

        /** The id of the element whose facet has this name. */
        public String idOf(String name) {
            return name.substring(facetOf("").length());
        }
    }

    private static final Set<String> IDS = Set.of(Payload.ID, Payload.GID);

    /** One of which no file says anything, as stored before it was taken out of them. */
    static Entity unknown(String name) {
        return new Entity(name, null, null, name, List.of(), Map.of(), Map.of(), Set.of(), Map.of(), PartlyNamed.NOTHING,
                Set.of(), Set.of(), Map.of(), Map.of(), false, false, null);
    }

    /** Whether each field of this facet has a version of its own; see {@link FieldStates}. */
    public boolean keepsByField(String name) {
        return name.equals(facet) || name.equals(Facets.DAYS) || name.equals(Facets.BUYER) || name.equals(Facets.LISTED)
                || Consents.fieldOf(name).isPresent() || part(name).filter(Part::byField).isPresent();
    }

    /** Takes out of its object what is not stored, and what Shopify does not send: the record is given it here. */
    void removeWhatIsNotItsOwn(ObjectNode object) {
        object.remove(never);
        if (!keep.isEmpty()) {
            object.properties().removeIf(field -> !keep.contains(field.getKey()) && !IDS.contains(field.getKey()));
        }
        object.remove(Payload.OURS);
        lists.values().forEach(part -> {
            if (!part.inside()) {
                object.remove(part.list());
            }
            if (part.first() != null) {
                object.remove(part.first());
            }
        });
    }

    /** The lists of which the record's object says what there is at all. */
    public List<Part> wholeLists() {
        return lists.values().stream().filter(part -> part.listed() != null).toList();
    }

    /** The list to which a facet of this name belongs. */
    public Optional<Part> part(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? Optional.empty()
                : lists.values().stream().filter(part -> part.isOf(name)).findFirst();
    }
}
