package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.reconcile.Duplicates;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Contacts of the CRM, whoever made them, that share an e-mail or phone. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record DuplicateContacts(
        @Schema(description = "whether all contacts of the CRM were looked at; if not, nothing is known of them")
        boolean lookedAt,
        @Schema(description = "why they were not") String because,
        @Schema(description = "what they share, for each kind of value that people are looked for by")
        List<SharedValues> shared,
        @Schema(description = "what to do; absent: nothing") String advice,
        @Schema(description = "what the reconciliations before found, newest first") List<PastDuplicates> before) {

    /** What contacts share of one kind. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SharedValues(
            @Schema(description = "email or phone") String kind,
            @Schema(description = "groups of contacts that share a value") long groups,
            @Schema(description = "groups of which several contacts have the same name, and so may be one person")
            long sameName,
            @Schema(description = "contacts in any of them") long contacts,
            @Schema(description = "contacts of the largest group") long largest,
            @Schema(description = "groups more than the reconciliation before found; absent: none did") Long growth,
            @Schema(description = "some groups, those with one name and the smallest first") List<DuplicateGroup> examples) {

        static SharedValues of(Duplicates.Shared one) {
            return new SharedValues(one.kind(), one.groups(), one.sameName(), one.contacts(), one.largest(), one.growth(),
                    one.examples().stream().map(DuplicateGroup::of).toList());
        }
    }

    /** Contacts that share a value. */
    @JsonNaming(SnakeCaseStrategy.class)
    record DuplicateGroup(@Schema(description = "how many") long size,
            @Schema(description = "whether several of them have the same name") boolean sameName,
            @Schema(description = "the first ones") List<DuplicateContact> contacts) {

        static DuplicateGroup of(Duplicates.Group one) {
            return new DuplicateGroup(one.size(), one.sameName(), one.contacts().stream().map(contact ->
                    new DuplicateContact(contact.id(), contact.linkedTo(), contact.created())).toList());
        }
    }

    /** A contact of the CRM. */
    @JsonNaming(SnakeCaseStrategy.class)
    record DuplicateContact(@Schema(description = "the CRM's") String id,
            @Schema(description = "records of Shopify, the first ones", example = "[\"main/customer/5\"]")
            List<String> linkedTo,
            @Schema(description = "whether Shopbridge has created it") boolean created) {
    }

    /** What a reconciliation before found. */
    @JsonNaming(SnakeCaseStrategy.class)
    record PastDuplicates(long id, Instant askedAt, @Schema(description = "contacts that were looked at") long listed,
            @Schema(description = "by kind") Map<String, Long> groups) {
    }

    static DuplicateContacts of(Duplicates duplicates, String advice) {
        boolean any = duplicates.shared().stream().anyMatch(one -> one.groups() > 0);
        return new DuplicateContacts(duplicates.isLookedAt(), duplicates.because(),
                duplicates.shared().stream().map(SharedValues::of).toList(), any ? advice : null,
                duplicates.before().stream().map(one ->
                        new PastDuplicates(one.id(), one.askedAt(), one.contacts(), one.groups())).toList());
    }
}
