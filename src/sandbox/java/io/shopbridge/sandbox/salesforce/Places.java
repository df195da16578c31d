package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * State and country picklists, which new orgs have: a country must be one of the org's list, and a state one of the
 * list of its country, whichever of the two is written. Without a list of countries, they are off.
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=xcloud.admin_state_country_picklists_field_syncing.htm">
 *     Field-syncing logic</a>
 */
final class Places {

    private static final String COUNTRY = "Country";
    private static final String STATE = "State";

    private volatile Map<String, Set<String>> states = Map.of();

    /** The org's countries, each with its states; most countries of a new org have none. */
    void list(Map<String, Set<String>> statesByCountry) {
        states = Map.copyOf(statesByCountry);
    }

    /**
     * @param values the record as it would be
     * @param given  what the call writes of it
     */
    void check(Collection<Field> fields, ObjectNode values, ObjectNode given) {
        if (states.isEmpty()) {
            return;
        }
        for (Field field : fields) {
            if (field.name().endsWith(COUNTRY) && !field.isCustom()) {
                check(field.name().substring(0, field.name().length() - COUNTRY.length()), values, given);
            }
        }
    }

    // The words, and which field is named: https://salesforce.stackexchange.com/q/122863 (the state that was sent) and
    // https://github.com/SalesforceFoundation/NPSP/issues/2432 (the code of what is there).
    private void check(String address, ObjectNode values, ObjectNode given) {
        String country = values.path(address + COUNTRY).asText("");
        String state = values.path(address + STATE).asText("");
        if (!country.isEmpty() && !states.containsKey(country)) {
            throw new RowRefused("FIELD_INTEGRITY_EXCEPTION", "There's a problem with this country, even though it may"
                    + " appear correct. Please select a country/territory from the list of valid countries.",
                    address + COUNTRY);
        }
        if (!state.isEmpty() && country.isEmpty()) {
            throw new RowRefused("FIELD_INTEGRITY_EXCEPTION", "A country/territory must be specified before specifying"
                    + " a state value for field: State/Province", address + STATE);
        }
        if (!state.isEmpty() && !states.get(country).contains(state)) {
            throw given.hasNonNull(address + STATE)
                    ? new RowRefused("FIELD_INTEGRITY_EXCEPTION", "There's a problem with this state, even though it may"
                            + " appear correct. Please select a state from the list of valid states.", address + STATE)
                    : new RowRefused("FIELD_INTEGRITY_EXCEPTION", "The existing country/territory doesn't recognize the"
                            + " state value for field: State/Province Code", address + STATE + "Code");
        }
    }
}
