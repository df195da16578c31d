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
     * @param buyer   what the customer's orders say of them, which the record has until then; null: nothing
     * @param times   when each was said, by canonical field
     */
    void putInto(ObjectNode json, FieldStates profile, FieldStates buyer, Map<String, Instant> times) {
        answers.forEach((field, all) -> {
            Answer answer = counting(field, all, profile, buyer);
            json.set(field, answer.consent());
            times.put(field, answer.version().at());
        });
    }

    private static Answer counting(String field, List<FieldStates> all, FieldStates profile, FieldStates buyer) {
        Version said = said(field, profile);
        if (said != null) {
            return counting(field, all, Consents.of(field, profile.values()), said, true);
        }
        Version bought = said(field, buyer);
        return bought == null ? newest(all.stream().map(Answer::new).toList()).orElseThrow()
                : counting(field, all, Consents.of(field, buyer.values()), bought, false);
    }

    private static Version said(String field, FieldStates person) {
        return person == null ? null : person.newestOf(List.of(Consents.inCustomer(field)));
    }

    /** @param changes whether a later answer about another address tells that the customer has that by now */
    private static Answer counting(String field, List<FieldStates> all, String own, Version said, boolean changes) {
        List<Answer> ofOwn = new ArrayList<>();
        List<Answer> ofAny = new ArrayList<>();
        List<Answer> noesOfOthers = new ArrayList<>();
        for (FieldStates one : all) {
            Answer answer = new Answer(one);
            Optional<String> about = Consents.about(field, answer.consent());
            // The profile comes late.
            if (about.isEmpty() || changes && !about.get().equals(own) && answer.version().at().isAfter(said.at())) {
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
