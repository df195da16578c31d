package io.shopbridge.crm;

import io.shopbridge.store.SecureAddress;
import io.shopbridge.yaml.Nearest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The operator's settings of one CRM account: {@code shopbridge.crms.<crm>}. */
final class CrmSettings {

    private static final Pattern SETTING = Pattern.compile("\\$\\{([a-z0-9-]+)}");

    private final String crm;
    private final Set<String> given;
    private final Map<String, String> values = new HashMap<>();

    CrmSettings(String crm, Map<String, String> values) {
        this.crm = crm;
        this.given = values.keySet();
        values.forEach((key, value) -> this.values.put(plain(key), value));
    }

    /** The environment can't spell dashes: BASEURL and base-url are one setting. */
    private static String plain(String key) {
        return key.replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** @throws InvalidCrm with all settings that are none of these: a misspelt one would have no effect */
    void refuseOthers(Set<String> known) {
        Set<String> plain = known.stream().map(CrmSettings::plain).collect(Collectors.toSet());
        String unknown = given.stream().filter(key -> !plain.contains(plain(key))).sorted().map(key ->
                "shopbridge.crms." + crm + "." + key + ": there is no such setting" + Nearest.to(key, known).map(near ->
                        "; did you mean " + near + " (in the environment SHOPBRIDGE_CRMS_" + environment(crm) + "_"
                                + environment(near) + ")?").orElse(".") + " There are " + String.join(", ", known))
                .collect(Collectors.joining("\n"));
        if (!unknown.isEmpty()) {
            throw new InvalidCrm(unknown);
        }
    }

    /** The names of the settings that a text has as {@code ${setting}}. */
    static Stream<String> in(String text) {
        return SETTING.matcher(text).results().map(found -> found.group(1));
    }

    /** By its name with dashes; empty where it is not set, or blank. */
    Optional<String> get(String key) {
        return Optional.ofNullable(values.get(plain(key))).filter(value -> !value.isBlank());
    }

    /** The text with {@code ${setting}} replaced; the crm.yaml it is from is named where one is missing. */
    String fill(String text, String file) {
        return SETTING.matcher(text).replaceAll(match -> Matcher.quoteReplacement(get(match.group(1)).orElseThrow(() ->
                fault(match.group(1), "missing; " + file + " asks for it. Set it in the environment as SHOPBRIDGE_CRMS_"
                        + environment(crm) + "_" + environment(match.group(1))))));
    }

    private static String environment(String key) {
        return key.toUpperCase(Locale.ROOT).replace("-", "");
    }

    /**
     * An address that secrets are sent to.
     *
     * @throws InvalidCrm where they would go unencrypted to another machine
     */
    String secure(String key, String url) {
        SecureAddress.fault(url).ifPresent(fault -> {
            throw fault(key, fault + "; " + SecureAddress.ADVICE);
        });
        return url;
    }

    /** What is wrong with a setting, and what to do. */
    InvalidCrm fault(String key, String wrong) {
        return new InvalidCrm("shopbridge.crms." + crm + "." + key + ": " + wrong);
    }
}
