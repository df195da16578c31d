package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A person's decision about a held record.
 *
 * @param decision one of {@link Kind}
 * @param crmId    the CRM's id of the record that it is, or never is; may be left out where there is one candidate
 */
@JsonNaming(SnakeCaseStrategy.class)
record IdentityDecision(
        @Schema(type = "string", allowableValues = {"link-to", "create-new", "never-the-same"},
                requiredMode = Schema.RequiredMode.REQUIRED) String decision,
        @Schema(description = "The CRM's id of a candidate; optional if there is only one") String crmId) {

    enum Kind {
        /** It is this CRM record. */
        LINK_TO,
        /** It is none of the candidates: a record of its own is made. */
        CREATE_NEW,
        /** It is not this CRM record, now and later. */
        NEVER_THE_SAME;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** @throws Problem 400 if it is not a known decision */
    Kind kind() {
        String word = decision == null ? "" : decision.strip().toLowerCase(Locale.ROOT).replace(' ', '-');
        return Arrays.stream(Kind.values()).filter(kind -> kind.word().equals(word)).findFirst().orElseThrow(() ->
                Problem.badParameter("decision: " + (decision == null ? "missing" : "\"" + decision + "\" is not a"
                        + " decision")
                        + "; legal: " + Arrays.stream(Kind.values()).map(Kind::word)
                                .collect(Collectors.joining(", "))));
    }
}
