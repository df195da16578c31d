package io.shopbridge.export;

import java.time.Instant;
import java.util.Locale;

/**
 * What is to be exported.
 *
 * @param what   name of the export: a file of {@code mappings/exports}, or one of the tables
 * @param store  only of this store; null: of all
 * @param crm    only of this CRM; null: of all. Records of the mirror are of no CRM
 * @param since  only what changed from this time on; null: all
 * @param until  only what changed before this time; null: all
 */
public record ExportRequest(String what, Format format, String store, String crm, Instant since, Instant until) {

    /** How rows are written. */
    public enum Format {
        /** RFC 4180 with a header, for spreadsheets: no cell is taken for a formula. */
        CSV("text/csv"),
        /** One JSON object a line with all that is known: nothing is shortened or changed. */
        JSONL("application/x-ndjson");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        /** Without the charset, which is UTF-8. */
        public String mediaType() {
            return mediaType;
        }

        /** As people say it, and as files end. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
