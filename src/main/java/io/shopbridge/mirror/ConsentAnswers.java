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
 * of this one, which is more than that nobody has asked.
 */
final class ConsentAnswers {

    private record Answer(Version version, JsonNode consent) {

        Answer(FieldStates consent) {
            this(consent.version(), consent.values());
        }
    }

    private final Map<String, List<FieldStates>> answers = new TreeMap<>();

    /** One that has no field says nothing. */
    void add(String field, FieldStates consent) {
        if (consent.versions().isEmpty()) {
            return;
        }
        answers.computeIfAbsent(field, one -> new ArrayList<>()).add(consent);
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

    private static Answer counting(String field, List<FieldStates> all, FieldStates profile) {
        Version said = profile == null ? null : profile.newestOf(List.of(Consents.inCustomer(field)));
        if (said == null) {
            return newest(all.stream().map(Answer::new).toList()).orElseThrow();
        }
        String own = Consents.of(field, profile.values());
        List<Answer> ofOwn = new ArrayList<>();
        List<Answer> ofAny = new ArrayList<>();
        List<Answer> noesOfOthers = new ArrayList<>();
        for (FieldStates one : all) {
            Answer answer = new Answer(one);
            Optional<String> about = Consents.about(field, answer.consent());
            // A later answer about another address: the customer has it by now, and the profile comes late.
            if (about.isEmpty() || !about.get().equals(own) && answer.version().at().isAfter(said.at())) {
                ofAny.add(answer);
            } else if (about.get().equals(own)) {
                ofOwn.add(answer);
            } else {
                Consents.lastNo(one).map(Answer::new).ifPresent(noesOfOthers::add);
            }
        }
        ofAny.addAll(ofOwn);
        if (ofOwn.stream().noneMatch(answer -> Consents.isSaid(answer.consent()))) {
            ofAny.addAll(noesOfOthers);
        }
        return newest(ofAny).orElseGet(() -> new Answer(said, Consents.none()));
    }

    private static Optional<Answer> newest(List<Answer> answers) {
        return answers.stream().max(Comparator.comparing(Answer::version));
    }
}
