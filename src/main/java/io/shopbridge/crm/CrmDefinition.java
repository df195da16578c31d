package io.shopbridge.crm;

import io.shopbridge.map.Expression;
import io.shopbridge.yaml.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A crm.yaml, its expressions compiled. What it lists is empty where it says nothing of it.
 *
 * @param name       what people call the CRM
 * @param transport  {@code rest}, or {@code own}: then a route {@code direct:call-<crm>} stands in routes/4-connect
 * @param baseUrl    where its API begins; {@code shopbridge.crms.<crm>.base-url} overrides it
 * @param auth       how a call proves who we are
 * @param limits     how much the CRM allows
 * @param bulk       when a backfill goes another way; null: never
 * @param idempotencyHeader the header by which the CRM knows a write that is repeated; may be absent
 * @param unique     per object, the fields that the CRM itself keeps unique
 * @param lists      per object, the fields that are one value of several in the CRM: the others must stay
 * @param listed     per object, up to how many records are listed rather than looked for one by one
 * @param apiVersions per version, the first being the default, what {@code ${name}} stands for in the paths;
 *                   {@code shopbridge.crms.<crm>.api-version} chooses another
 * @param supportedUntil per version of the API, the day on which its support ends; where it isn't known, none
 * @param types      per kind of value, the CRM's types of fields that hold it; one is created with the first
 * @param reserved   how names of fields begin that only the CRM itself gives
 * @param ownKeys    whether every account has keys of its own for the same fields, which operation fields tells
 * @param advice     what a person must do in this CRM
 * @param orders     object, deal, activity, task, custom or figures; {@code shopbridge.crms.<crm>.orders} overrides
 *                   it; absent: object
 * @param mappingSettings names of settings of {@code shopbridge.crms.<crm>} that mappings see; never secrets
 * @param settings   names of settings of {@code shopbridge.crms.<crm>} that a transport of its own reads
 * @param caseSafeIds names of settings that are ids of records as {@link CaseSafeId} reads them
 * @param answers    what the statuses mean; the first that fits
 * @param operations how it does what it can
 */
record CrmDefinition(String name, String transport, String baseUrl, Auth auth, CrmLimits limits,
        Bulk bulk, String idempotencyHeader, Map<String, List<String>> unique, Map<String, List<String>> lists,
        Map<String, Integer> listed, Map<String, Map<String, String>> apiVersions,
        Map<String, LocalDate> supportedUntil, Map<FieldKind, List<String>> types, List<String> reserved,
        boolean ownKeys, Advice advice, String orders,
        List<String> mappingSettings, List<String> settings, List<String> caseSafeIds, List<Answer> answers,
        CrmOperations operations) {

    /** One of them is set; values are {@code ${setting}} of {@code shopbridge.crms.<crm>}. */
    record Auth(String bearer, Basic basic, Header header, OAuth2 oauth2) {

        /** The names of these settings. */
        Set<String> settings() {
            // What they print are their texts.
            return CrmSettings.in(Stream.of(bearer, basic, header, oauth2).filter(Objects::nonNull).map(Object::toString)
                    .collect(Collectors.joining("\n"))).collect(Collectors.toSet());
        }

        record Basic(String username, String password) {
        }

        record Header(String name, String value) {
        }
    }

    /**
     * OAuth 2.0 client credentials, RFC 6749 section 4.4.
     *
     * @param tokenUrl where tokens are fetched; below the base URL where it begins with a slash
     * @param scope    what is asked for, words separated by spaces; may be absent
     * @param clientIn header (HTTP Basic, the default) or body: where id and secret stand
     */
    record OAuth2(String tokenUrl, String clientId, String clientSecret, String scope, String clientIn) {
    }

    /**
     * How a CRM with a transport of its own takes what is too much for its usual calls.
     *
     * @param above with more due records of one kind than this; {@code shopbridge.crms.<crm>.bulk-above} overrides it
     * @param batch how many of them are then taken on at once
     */
    record Bulk(Integer above, Integer batch) {
    }

    /**
     * What a person must do; {@code <crm>} stands for the name under {@code shopbridge.crms}.
     *
     * @param access where the CRM doesn't accept our credentials; may be null
     * @param rights where they are not allowed something; may be null
     * @param duplicates where two contacts are one person; may be null
     */
    public record Advice(String access, String rights, String duplicates) {
    }

    /**
     * @param status     429, or 4xx for all of a hundred
     * @param when       jq on {headers, body}, header names in lower case; absent: the status alone decides
     * @param waitFor    how long to stay away where the answer doesn't say; absent: the fault may heal within seconds
     * @param waitUntil  {@code midnight} of the account, as operation {@code account} or the setting {@code time-zone}
     *                   says; it goes before the others
     * @param waitHeader the headers that say how long, in seconds or as an HTTP date; the first that is there
     * @param waitSeconds jq on the body: how many seconds to stay away; where it gives none, waitFor counts
     * @param because    jq on the body: the CRM's own words
     * @param existing   jq on the body: the id of the record that is there already
     * @param fields     jq on the body: a list of the fields whose values are refused
     */
    record Answer(String status, Expression when, Meaning means, Duration waitFor, String waitUntil,
            List<String> waitHeader, Expression waitSeconds, Expression because, Expression existing,
            Expression fields) {
    }

    /**
     * Reads a folder's crm.yaml.
     *
     * @throws InvalidCrm with everything that is wrong in it
     */
    static CrmDefinition read(Path mappingsDir, String folder) {
        List<Fault> faults = new ArrayList<>();
        Optional<CrmDefinition> definition = CrmReader.read(mappingsDir, folder, faults);
        if (!faults.isEmpty()) {
            throw new InvalidCrm(faults.stream().map(Fault::toString).collect(Collectors.joining("\n")));
        }
        return definition.orElseThrow();
    }
}
