package io.shopbridge.operate;

import io.shopbridge.export.ExportRequest;
import io.shopbridge.export.Exports;
import org.springframework.stereotype.Component;

/** Refuses misspelled names of stores and CRMs: a list without rows looks as if nothing were wrong. */
@Component
class KnownNames {

    private final Exports exports;

    KnownNames(Exports exports) {
        this.exports = exports;
    }

    /** @throws Problem 400 where nothing is configured, and nothing known, under a name that is given */
    void check(String store, String crm) {
        check(new ExportRequest("links", ExportRequest.Format.JSONL, store, crm, null, null));
    }

    /** @throws Problem 400 where nothing is configured, and nothing known, under a name that is given */
    void check(ExportRequest asked) {
        try {
            exports.check(asked);
        } catch (IllegalArgumentException e) {
            throw Problem.badParameter(e.getMessage());
        }
    }
}
