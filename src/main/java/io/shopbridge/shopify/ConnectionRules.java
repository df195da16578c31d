package io.shopbridge.shopify;

import io.shopbridge.yaml.Yaml;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks whether the pages of each connection of a fragment can be asked for: it must say whether there is another page
 * and where it begins, and the object that has it must say its id. Reads the text itself, because a GraphQL parser would
 * cost every start a quarter of a second.
 */
final class ConnectionRules {

    private static final Pattern TOKEN = Pattern.compile("\\.\\.\\.|[{}]|\\w+|\n");
    private static final Pattern ARGUMENTS = Pattern.compile("\\([^)]*\\)");
    private static final String SPREAD = "...";

    /** A name with what stands in the braces behind it. */
    private record Block(String name, int line, List<Block> inside, List<String> spreads) {

        Block(String name, int line) {
            this(name, line, new ArrayList<>(), new ArrayList<>());
        }

        Block field(String wanted) {
            return inside.stream().filter(one -> one.name.equals(wanted)).findFirst().orElse(null);
        }
    }

    private final Yaml at;
    private final Map<String, Block> fragments = new HashMap<>();
    private final Matcher tokens;
    private String token;
    private int line;

    private ConnectionRules(Yaml at, String code) {
        this.at = at;
        this.tokens = TOKEN.matcher(ARGUMENTS.matcher(code).replaceAll(
                arguments -> "\n".repeat((int) arguments.group().chars().filter(c -> c == '\n').count())));
        // The text of a block begins on the line after its key.
        this.line = at.line() + (code.contains("\n") ? 1 : 0);
        next();
    }

    /** @param code GraphQL whose braces match, without texts and comments */
    static void check(Yaml at, String code) {
        ConnectionRules rules = new ConnectionRules(at, code);
        while (rules.token != null) {
            rules.fragment();
        }
        rules.fragments.values().forEach(rules::check);
    }

    private void fragment() {
        String name = next();       // after the word fragment
        next();                     // on
        next();                     // the type
        Block fragment = new Block(name, line);
        if (next() != null) {
            read(fragment);
            fragments.put(name, fragment);
        }
        next();
    }

    /** From an opening brace to its closing one. What an inline fragment asks for stands beside the rest. */
    private void read(Block into) {
        for (String one = next(); one != null && !one.equals("}"); one = next()) {
            if (one.equals("{")) {
                read(into.inside.isEmpty() ? into : into.inside.get(into.inside.size() - 1));
            } else if (!one.equals(SPREAD)) {
                into.inside.add(new Block(one, line));
            } else if (next() != null && token.equals("on")) {
                next();
                next();
                read(into);
            } else {
                into.spreads.add(token);
            }
        }
    }

    private String next() {
        do {
            token = tokens.find() ? tokens.group() : null;
            line += "\n".equals(token) ? 1 : 0;
        } while ("\n".equals(token));
        return token;
    }

    private void check(Block owner) {
        for (Block field : owner.inside) {
            if (field.field("edges") != null && field.field("nodes") == null) {
                at.fault(field.line, field.name + " asks for edges", "ask for `nodes`: of these, Shopbridge asks for the"
                        + " other pages too");
            } else if (field.field("nodes") != null) {
                Block page = field.field("pageInfo");
                if (page == null || page.field("hasNextPage") == null || page.field("endCursor") == null) {
                    at.fault(field.line, field.name + " does not say whether there is another page, and where it begins",
                            "add `pageInfo { hasNextPage endCursor }`");
                }
                if (!saysId(owner)) {
                    at.fault(field.line, "what has " + field.name + " does not say its id", "add `id` beside it: without"
                            + " it, the other pages can't be asked for");
                }
            }
            check(field);
        }
    }

    private boolean saysId(Block owner) {
        return owner.field("id") != null || owner.spreads.stream().anyMatch(name -> fragments.containsKey(name)
                && saysId(fragments.get(name)));
    }
}
