package io.shopbridge.crm;

import io.shopbridge.map.Fault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The text of a crm.yaml.
 *
 * @param name       what people call the CRM
 * @param transport  {@code rest}, or {@code own}: then a route {@code direct:deliver-<crm>} stands in routes/4-connect
 * @param baseUrl    where its API begins; {@code shopbridge.crms.<crm>.base-url} overrides it
 * @param auth       how a call proves who we are
 * @param limits     how much the CRM allows
 * @param unique     per object, the fields that the CRM itself keeps unique
 * @param apiVersions per version, the first being the default, what {@code ${name}} stands for in the paths;
 *                   {@code shopbridge.crms.<crm>.api-version} chooses another
 * @param orders     object, deal, activity or figures; {@code shopbridge.crms.<crm>.orders} overrides it; absent: object
 * @param answers    what the statuses mean; the first that fits
 * @param operations find, search, read, create, upsert, update, archive, associate, associate-as, dissociate,
 *                   labels, account, read-consent, write-consent
 */
record CrmDefinition(String name, String transport, String baseUrl, Auth auth, Limits limits,
        Map<String, List<String>> unique, Map<String, Map<String, String>> apiVersions, String orders, List<Answer> answers,
        Map<String, Operation> operations) {

    /** One of them is set; values are {@code ${setting}} of {@code shopbridge.crms.<crm>}. */
    record Auth(String bearer, Basic basic, Header header) {
        record Basic(String username, String password) {
        }

        record Header(String name, String value) {
        }
    }

    /**
     * @param requests calls allowed in a period
     * @param period   its length, such as 10s
     * @param atOnce   calls that may be under way at the same time
     * @param gather   how long changes gather before they are delivered together; absent: not at all
     */
    record Limits(Integer requests, String period, Integer atOnce, String gather) {
    }

    /**
     * @param status     429, or 4xx for all of a hundred
     * @param when       jq on the body that must be true as well; absent: the status alone decides
     * @param means      busy, locked-out, gone or refused
     * @param waitFor    how long to stay away where the answer doesn't say; absent: the fault may heal within seconds
     * @param waitHeader the header that says how long, in seconds or as an HTTP date
     * @param waitUntil  {@code midnight} of the account, as operation {@code account} or the setting {@code time-zone}
     *                   says
     * @param because    jq on the body: the CRM's own words
     * @param existing   jq on the body: the id of the record that is there already
     */
    record Answer(String status, String when, String means, String waitFor, String waitHeader, String waitUntil,
            String because, String existing) {
    }

    /**
     * One of get, post, put, patch and delete is the path; {@code {object}}, {@code {id}}, {@code {from}},
     * {@code {to}} and {@code {email}} in it are filled in.
     *
     * @param batch how many records one call may carry
     * @param body  jq that makes the request's body from {field, values, fields, ids, records, key_field, pairs,
     *              type, email, …}
     * @param gives jq on the answer's body that gives {trace, id, fields, updated_at, new, means, because, existing}
     *              for each element
     */
    record Operation(String get, String post, String put, String patch, String delete, Integer batch, String body,
            String gives) {
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
