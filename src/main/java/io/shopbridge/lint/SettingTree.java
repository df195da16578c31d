package io.shopbridge.lint;

import io.shopbridge.yaml.Nearest;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.core.ResolvableType;

/** The settings that there are, word by word. */
final class SettingTree {

    private final Map<String, SettingTree> words = new TreeMap<>();
    /** Below a name of the operator's own, such as a store's; null: there is none here. */
    private SettingTree named;
    /** What is below is known elsewhere. */
    private boolean open;
    /** Whether the value is a time. */
    private boolean isTime;

    /** Adds a setting, as in {@code shopbridge.recount.target}. */
    SettingTree add(String name) {
        SettingTree at = this;
        for (String word : name.split("\\.")) {
            SettingTree known = at.word(word);
            if (known == null) {
                known = new SettingTree();
                at.words.put(word, known);
            }
            at = known;
        }
        return at;
    }

    /** Adds what a record of settings has. */
    void addAll(Class<?> settings) {
        for (RecordComponent one : settings.getRecordComponents()) {
            String name = one.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            add(name).addValue(ResolvableType.forMethodReturnType(one.getAccessor()));
        }
    }

    private void addValue(ResolvableType type) {
        isTime = type.toClass() == Duration.class;
        if (type.toClass().isRecord()) {
            addAll(type.toClass());
        } else if (type.toClass() == Map.class) {
            ResolvableType value = type.getGeneric(1);
            named = new SettingTree();
            named.open = value.toClass() == Map.class;
            named.addValue(value);
        }
    }

    /**
     * Why there is no such setting, or what is wrong with its value; empty: nothing.
     *
     * @param value       null: unknown
     * @param fromOutside whether it is a variable of the environment. Those that look like none of ours may be another
     *     program's, as SHOPBRIDGE_PORT is of a Kubernetes service of this name; and dashes are underscores there
     */
    Optional<String> fault(List<String> name, ConfigurationProperty value, boolean fromOutside) {
        SettingTree at = this;
        boolean isOurs = !fromOutside;
        for (int i = 0; i < name.size() && !at.open; i++) {
            SettingTree next = at.word(name.get(i));
            for (int last = i + 1; next == null && fromOutside && at.named == null && last < name.size(); last++) {
                next = at.word(String.join("", name.subList(i, last + 1)));
                i = next == null ? i : last;
            }
            if (next == null && at.named != null) {
                next = at.named;
                isOurs = true;
            }
            if (next == null) {
                String rest = String.join(".", name.subList(i, name.size()));
                return isOurs || Nearest.to(name.get(i), at.ofKind(i + 1 < name.size())).isPresent()
                        ? Optional.of(String.join(".", name) + ": there is no such setting; "
                                + Nearest.advice(rest, at.words.keySet())) : Optional.empty();
            }
            at = next;
        }
        return at.isTime && value != null ? timeFault(String.join(".", name), String.valueOf(value.getValue()).strip())
                : Optional.empty();
    }

    /** Of a whole number, Spring makes milliseconds and PostgreSQL seconds: what should stay 90 days is deleted. */
    private static Optional<String> timeFault(String name, String value) {
        if (value.startsWith("-")) {
            return Optional.of(name + ": \"" + value + "\" is less than nothing; write a number and d, h, m or s");
        }
        return value.matches("\\+?[0-9]*[1-9][0-9]*") ? Optional.of(name + ": \"" + value + "\" has no unit; write "
                + value + "d for days, or h, m or s for hours, minutes or seconds") : Optional.empty();
    }

    /** The words here that have others below them, or have none. */
    private List<String> ofKind(boolean group) {
        return words.entrySet().stream().filter(word -> word.getValue().isGroup() == group).map(Map.Entry::getKey).toList();
    }

    private boolean isGroup() {
        return !words.isEmpty() || named != null;
    }

    private SettingTree word(String given) {
        return words.entrySet().stream().filter(word -> plain(word.getKey()).equals(plain(given))).map(Map.Entry::getValue)
                .findFirst().orElse(null);
    }

    private static String plain(String word) {
        return word.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }
}
