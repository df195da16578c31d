package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.DirectCalls;
import io.shopbridge.crm.DirectCalls.Answered;
import io.shopbridge.crm.Operation;
import io.shopbridge.map.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pipeline and stages that records go to: ids that every account has of its own, and settings say. Of orders they
 * are {@code order-pipeline} and {@code order-stage-…} under {@code mapping-settings} of crm.yaml.
 */
final class PipelineCheck {

    private final Crm crm;
    private final DirectCalls calls;

    PipelineCheck(Crm crm, DirectCalls calls) {
        this.crm = crm;
        this.calls = calls;
    }

    /** Compares the settings with the account's pipelines; without settings it says what could be set. */
    void check(Findings findings) {
        crm.mappings().stream().filter(mapping -> crm.can(Operation.PIPELINES, mapping.object()))
                .forEach(mapping -> check(mapping, findings));
    }

    private void check(Mapping mapping, Findings findings) {
        String entity = mapping.entity();
        String pipeline = entity + "-pipeline";
        List<String> stages = crm.mappingSettingNames().stream()
                .filter(name -> name.startsWith(entity + "-stage-")).toList();
        Map<String, String> set = new TreeMap<>(crm.mappingSettings());
        set.keySet().removeIf(name -> !name.equals(pipeline) && !stages.contains(name));
        Answered answered = calls.call(CrmCall.pipelines(crm, mapping.object()));
        if (!answered.done()) {
            findings.note("the pipelines of " + mapping.object() + " can't be looked at: answered "
                    + answered.reply().status(), "let the credentials read the schema of " + mapping.object()
                    + ", if they are to move through stages");
            return;
        }
        if (set.isEmpty()) {
            findings.note(mapping.object() + " stay in the stage that " + crm.title() + " gives new ones; there are "
                    + listed(answered.given()), "set " + setting(pipeline) + " and " + setting("") + stages
                    + " to ids of one pipeline, if " + mapping.object() + " are to move through it");
            return;
        }
        List<String> unset = stages.stream().filter(key -> !set.containsKey(key)).toList();
        if (!unset.isEmpty() || !set.containsKey(pipeline)) {
            findings.problem("only some of the settings of the " + entity + " pipeline are there: " + set.keySet(),
                    "set all of them or none; a record in a stage that is not set would lose the one it has");
            return;
        }
        answered.given().stream().filter(one -> one.path("id").asText().equals(set.get(pipeline))).findFirst()
                .ifPresentOrElse(one -> check(mapping, one, stages, set, findings),
                        () -> findings.problem("there is no " + entity + " pipeline " + set.get(pipeline),
                                "set " + setting(pipeline) + " to one of " + listed(answered.given())));
    }

    private static void check(Mapping mapping, JsonNode pipeline, List<String> stages, Map<String, String> set,
            Findings findings) {
        List<String> there = new ArrayList<>();
        pipeline.path("stages").forEach(stage -> there.add(stage.path("id").asText()));
        List<String> wrong = stages.stream().filter(key -> !there.contains(set.get(key))).toList();
        if (wrong.isEmpty()) {
            findings.ok(mapping.object() + " move through the pipeline " + pipeline.path("name").asText());
        } else {
            findings.problem("the " + mapping.entity() + " pipeline has no stages as " + wrong + " say",
                    "set them to ids of " + listed(List.of(pipeline)));
        }
    }

    private String setting(String key) {
        return "shopbridge.crms." + crm.name() + "." + key;
    }

    /** Orders 8001: Open 8011, Shipped 8013. */
    private static String listed(List<JsonNode> pipelines) {
        List<String> all = new ArrayList<>();
        for (JsonNode pipeline : pipelines) {
            List<String> stages = new ArrayList<>();
            pipeline.path("stages").forEach(stage -> stages.add(named(stage)));
            all.add(named(pipeline) + ": " + String.join(", ", stages));
        }
        return String.join("; ", all);
    }

    private static String named(JsonNode one) {
        return one.path("name").asText() + " " + one.path("id").asText();
    }
}
