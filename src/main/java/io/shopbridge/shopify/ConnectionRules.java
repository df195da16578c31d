package io.shopbridge.shopify;

import io.shopbridge.shopify.FragmentText.Block;
import io.shopbridge.yaml.Yaml;
import java.util.Optional;

/**
 * Looks whether the pages of each connection of a fragment can be asked for: it must say whether there is another page
 * and where it begins, and the object that has it must say its id.
 */
final class ConnectionRules {

    private static final String NODES = "nodes";

    private final Yaml at;
    private final FragmentText text;
    private final int firstLine;

    private ConnectionRules(Yaml at, FragmentText text, int firstLine) {
        this.at = at;
        this.text = text;
        this.firstLine = firstLine;
    }

    /** @param firstLine of the text, in the file */
    static void check(Yaml at, FragmentText text, int firstLine) {
        ConnectionRules rules = new ConnectionRules(at, text, firstLine);
        text.fragments().forEach(rules::check);
    }

    private void check(Block owner) {
        for (Block field : owner.inside()) {
            int line = firstLine + field.line();
            if (text.field(field, "edges").isPresent() && text.field(field, NODES).isEmpty()) {
                at.fault(line, field.name() + " asks for edges", "ask for `nodes`: of these, Shopbridge asks for the"
                        + " other pages too");
            } else if (text.field(field, NODES).isPresent()) {
                Optional<Block> page = text.field(field, "pageInfo");
                if (page.flatMap(one -> text.field(one, "hasNextPage")).isEmpty()
                        || page.flatMap(one -> text.field(one, "endCursor")).isEmpty()) {
                    at.fault(line, field.name() + " does not say whether there is another page, and where it begins",
                            "add `pageInfo { hasNextPage endCursor }`");
                }
                if (text.field(owner, "id").isEmpty()) {
                    at.fault(line, "what has " + field.name() + " does not say its id", "add `id` beside it: without"
                            + " it, the other pages can't be asked for");
                }
            }
            check(field);
        }
    }
}
