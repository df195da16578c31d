package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Where merged records went: Salesforce deletes all but one, and the deleted ones have that one's id as their master as
 * long as they are in the recycle bin.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
 *     sforce_api_objects_contact.htm">MasterRecordId</a>
 */
@Component
class Masters {

    private static final Set<String> CAN_BE_MERGED = Set.of("Account", "Contact");

    private final SalesforceClient client;

    Masters(SalesforceClient client) {
        this.client = client;
    }

    /** The masters of those of these records that were merged, by the records' ids; one call for 200 of them. */
    Map<String, String> of(SalesforceOrg org, String object, Collection<String> ids) {
        Map<String, String> masters = new HashMap<>();
        if (CAN_BE_MERGED.contains(object)) {
            for (List<String> batch : SalesforceClient.inBatches(ids, Parents.BATCH)) {
                for (JsonNode merged : client.queryAll(org, "SELECT Id, MasterRecordId FROM " + object
                        + " WHERE IsDeleted = true AND MasterRecordId != null AND Id IN "
                        + SalesforceClient.in(batch))) {
                    masters.put(merged.path("Id").asText(), merged.path("MasterRecordId").asText());
                }
            }
        }
        return masters;
    }
}
