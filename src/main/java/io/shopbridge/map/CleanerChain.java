package io.shopbridge.map;

import io.shopbridge.yaml.Yaml;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Cleaners, left to right. */
final class CleanerChain {

    static final CleanerChain NONE = new CleanerChain(List.of(), List.of(), List.of());

    private final List<String> texts;
    private final List<String> names;
    private final List<Cleaner> cleaners;

    private CleanerChain(List<String> texts, List<String> names, List<Cleaner> cleaners) {
        this.texts = texts;
        this.names = names;
        this.cleaners = cleaners;
    }

    /**
     * Reads {@code clean: email} or {@code clean: [trim, max-length 80]}; unknown cleaners are faults.
     *
     * @param lengths how the CRM counts what max-length is about
     */
    static CleanerChain read(Yaml yaml, TextLengths lengths) {
        List<String> texts = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Cleaner> cleaners = new ArrayList<>();
        for (Yaml item : yaml.items()) {
            item.text().ifPresent(text -> {
                try {
                    cleaners.add(Cleaners.named(text, lengths));
                    texts.add(text.strip());
                    names.add(text.strip().split("\\s+")[0]);
                } catch (IllegalArgumentException e) {
                    item.fault("\"" + text + "\" is not a cleaner", e.getMessage());
                }
            });
        }
        return new CleanerChain(List.copyOf(texts), List.copyOf(names), List.copyOf(cleaners));
    }

    /** @param mended is told what of the value had to be cut off */
    JsonNode clean(JsonNode value, MappingContext context, Consumer<String> mended) throws Refused {
        JsonNode cleaned = Values.blankToNull(value);
        for (Cleaner cleaner : cleaners) {
            if (cleaned.isNull()) {
                return cleaned;
            }
            cleaned = Values.blankToNull(cleaner.clean(cleaned, context, mended));
        }
        return cleaned;
    }

    /** For what is only compared. */
    JsonNode clean(JsonNode value, MappingContext context) throws Refused {
        return clean(value, context, because -> { });
    }

    /** As they are written in the file. */
    List<String> texts() {
        return texts;
    }

    boolean has(Set<String> any) {
        return names.stream().anyMatch(any::contains);
    }
}
