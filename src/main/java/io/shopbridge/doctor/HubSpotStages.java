package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pipeline and stages that orders go to: ids that every account has of its own, and settings say.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide">Pipelines</a>
 */
final class HubSpotStages {

    private static final String PIPELINE = "order-pipeline";
    private static final String STAGE = "order-stage-";
    private static final List<String> STAGES = List.of("open", "processed", "shipped", "delivered", "cancelled");

    private final Crm crm;
    private final ApiClient api;

    HubSpotStages(Crm crm, ApiClient api) {
        this.crm = crm;
        this.api = api;
    }

    /** Compares the settings with the account's pipelines; without settings it says what could be set. */
    void check(Findings findings) {
        if (crm.mapping("order").filter(mapping -> mapping.object().equals("orders")).isEmpty()) {
            return;
        }
        Map<String, String> set = new TreeMap<>(crm.mappingSettings());
        Reply reply = api.get(crm.path("${pipelines}/orders"));
        if (!reply.isSuccess()) {
            findings.note("the pipelines of orders can't be looked at: answered " + reply.status(),
                    "give the service key the schema scope of orders, if orders are to move through stages");
            return;
        }
        JsonNode pipelines = reply.body().path("results");
        if (set.isEmpty()) {
            findings.note("orders stay in the stage that HubSpot gives new ones; there are " + listed(pipelines),
                    "set " + setting(PIPELINE) + " and " + setting(STAGE) + STAGES + " to ids of one pipeline, if"
                            + " orders are to move through it");
            return;
        }
        List<String> unset = STAGES.stream().map(stage -> STAGE + stage).filter(key -> !set.containsKey(key)).toList();
        if (!unset.isEmpty() || !set.containsKey(PIPELINE)) {
            findings.problem("only some of the settings of the order pipeline are there: " + set.keySet(),
                    "set all of them or none; an order in a stage that is not set would lose the one it has");
            return;
        }
        for (JsonNode pipeline : pipelines) {
            if (pipeline.path("id").asText().equals(set.get(PIPELINE))) {
                check(pipeline, set, findings);
                return;
            }
        }
        findings.problem("there is no order pipeline " + set.get(PIPELINE),
                "set " + setting(PIPELINE) + " to one of " + listed(pipelines));
    }

    private void check(JsonNode pipeline, Map<String, String> set, Findings findings) {
        List<String> there = new ArrayList<>();
        pipeline.path("stages").forEach(stage -> there.add(stage.path("id").asText()));
        List<String> wrong = STAGES.stream().map(stage -> STAGE + stage)
                .filter(key -> !there.contains(set.get(key))).toList();
        if (wrong.isEmpty()) {
            findings.ok("orders move through the pipeline " + pipeline.path("label").asText());
        } else {
            findings.problem("the order pipeline has no stages as " + wrong + " say",
                    "set them to ids of " + listed(List.of(pipeline)));
        }
    }

    private String setting(String key) {
        return "shopbridge.crms." + crm.name() + "." + key;
    }

    /** Orders 8001: Open 8011, Shipped 8013. */
    private static String listed(Iterable<JsonNode> pipelines) {
        List<String> all = new ArrayList<>();
        for (JsonNode pipeline : pipelines) {
            List<String> stages = new ArrayList<>();
            pipeline.path("stages").forEach(stage -> stages.add(named(stage)));
            all.add(named(pipeline) + ": " + String.join(", ", stages));
        }
        return String.join("; ", all);
    }

    private static String named(JsonNode one) {
        return one.path("label").asText() + " " + one.path("id").asText();
    }
}
