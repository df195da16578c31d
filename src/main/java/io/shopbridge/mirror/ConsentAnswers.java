package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Consents;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of a customer's consents, and which of it counts: the newest that was said of the address or number that
 * the customer has. A yes for another one is none for this one. A no for another one stays a no until something is said
 * of this one.
 */
final class ConsentAnswers {

    private record Answer(Version version, JsonNode consent) {
    }

    private final Map<String, List<Answer>> answers = new TreeMap<>();

    void add(String field, Version version, JsonNode consent) {
        answers.computeIfAbsent(field, one -> new ArrayList<>()).add(new Answer(version, consent));
    }

    /**
     * Puts those that count into the record.
     *
     * @param profile what Shopify says of the customer's own address and number; null: nothing yet
     * @param times   when each was said, by canonical field
     */
    void putInto(ObjectNode json, FieldStates profile, Map<String, Instant> times) {
        answers.forEach((field, all) -> {
            Answer answer = counting(field, all, profile);
            json.set(field, answer.consent());
            times.put(field, answer.version().at());
        });
    }

    private static Answer counting(String field, List<Answer> all, FieldStates profile) {
        Version said = profile == null ? null : profile.newestOf(List.of(Consents.inCustomer(field)));
        if (said == null) {
            return newest(all).orElseThrow();
        }
        String own = Consents.of(field, profile.values());
        List<Answer> ofOwn = new ArrayList<>();
        List<Answer> ofAny = new ArrayList<>();
        List<Answer> noesOfOthers = new ArrayList<>();
        for (Answer answer : all) {
            Optional<String> about = Consents.about(field, answer.consent());
            // A later answer about another address: the customer has it by now, and the profile comes late.
            if (about.isEmpty() || !about.get().equals(own) && answer.version().at().isAfter(said.at())) {
                ofAny.add(answer);
            } else if (about.get().equals(own)) {
                ofOwn.add(answer);
            } else if (Consents.saysNo(answer.consent())) {
                noesOfOthers.add(answer);
            }
        }
        ofAny.addAll(ofOwn.isEmpty() ? noesOfOthers : ofOwn);
        return newest(ofAny).orElseGet(() -> new Answer(said, Consents.none()));
    }

    private static Optional<Answer> newest(List<Answer> answers) {
        return answers.stream().max(Comparator.comparing(Answer::version));
    }
}
