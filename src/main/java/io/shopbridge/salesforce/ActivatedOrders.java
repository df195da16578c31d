package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Meaning;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Adds an explanation to changes that were refused because their order is activated, which Salesforce's own message
 * does not say.
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=sales.order_edit.htm">What may be edited</a>
 */
@Component
class ActivatedOrders {

    private static final String HINT = ". The order is activated, so Salesforce refuses this change: create a"
            + " reduction order there, or set it back to draft there, then replay";

    private final SalesforceClient client;

    ActivatedOrders(SalesforceClient client) {
        this.client = client;
    }

    /** The results, with the explanation added to refused orders and lines; one call if there are any. */
    List<CrmResult> explained(SalesforceOrg org, CrmCall call, List<CrmResult> results) {
        String object = call.object();
        List<ObjectNode> records = call.records();
        Map<Integer, String> orders = new HashMap<>();
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).means() == Meaning.REFUSED) {
                String order = records.get(i).path(object.equals("OrderItem") ? "parent" : "id").asText("");
                if (Set.of("Order", "OrderItem").contains(object) && !order.isEmpty()) {
                    orders.put(i, order);
                }
            }
        }
        Set<String> activated = orders.isEmpty() ? Set.of() : activated(org, "Order", "StatusCode", orders.values());
        List<CrmResult> explained = new ArrayList<>(results);
        orders.forEach((i, order) -> {
            if (activated.contains(order)) {
                explained.set(i, results.get(i).because(results.get(i).because(org.crm()) + HINT));
            }
        });
        return explained;
    }

    /** What to add to the refusal of a deletion of lines; empty where their orders are drafts. */
    String hint(SalesforceOrg org, CrmCall call) {
        boolean lines = "OrderItem".equals(call.object());
        return lines && !activated(org, "OrderItem", "Order.StatusCode", call.ids()).isEmpty() ? HINT : "";
    }

    private Set<String> activated(SalesforceOrg org, String object, String status, Collection<String> ids) {
        Set<String> activated = new HashSet<>();
        for (List<String> batch : SalesforceClient.inBatches(ids, Parents.BATCH)) {
            client.query(org, "SELECT Id FROM " + object + " WHERE " + status + " = 'Activated' AND Id IN "
                    + SalesforceClient.in(batch)).forEach(one -> activated.add(one.path("Id").asText()));
        }
        return activated;
    }
}
