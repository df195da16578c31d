package io.shopbridge.sandbox.shop;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.language.AstPrinter;
import graphql.language.EnumTypeDefinition;
import graphql.language.EnumValueDefinition;
import graphql.language.FieldDefinition;
import graphql.language.InputObjectTypeDefinition;
import graphql.language.InputValueDefinition;
import graphql.language.InterfaceTypeDefinition;
import graphql.language.Node;
import graphql.language.ObjectTypeDefinition;
import graphql.language.TypeDefinition;
import graphql.language.UnionTypeDefinition;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.TypeDefinitionRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What the simulated shop answers is a part of what Shopify does. */
class AdminSchemaTest {

    private static final Path SHOPIFYS = Path.of("../shared/specs/shopify/admin_2026-10.schema.graphql");

    @Test
    void everyTypeFieldAndArgumentIsShopifys() {
        Assumptions.assumeTrue(Files.exists(SHOPIFYS), "Shopify's schema is not here: " + SHOPIFYS);
        TreeSet<String> ours = described(AdminSchema.types());
        TreeSet<String> theirs = described(new SchemaParser().parse(SHOPIFYS.toFile()));
        assertThat(ours).hasSizeGreaterThan(500);
        assertThat(theirs).containsAll(ours);
    }

    /** One line for each thing that a query can name. */
    private static TreeSet<String> described(TypeDefinitionRegistry registry) {
        TreeSet<String> lines = new TreeSet<>();
        TreeMap<String, TypeDefinition<?>> types = new TreeMap<>();
        registry.types().values().forEach(type -> types.put(type.getName(), type));
        types.forEach((name, type) -> {
            lines.add(type.getClass().getSimpleName() + " " + name);
            for (Node<?> part : parts(type)) {
                if (part instanceof FieldDefinition field) {
                    lines.add(name + "." + field.getName() + ": " + AstPrinter.printAst(field.getType()));
                    for (InputValueDefinition argument : field.getInputValueDefinitions()) {
                        lines.add(name + "." + field.getName() + "(" + argument(argument) + ")");
                    }
                } else if (part instanceof InputValueDefinition input) {
                    lines.add(name + "." + argument(input));
                } else if (part instanceof EnumValueDefinition value) {
                    lines.add(name + "." + value.getName());
                } else {
                    lines.add(name + " is or has " + AstPrinter.printAst(part));
                }
            }
        });
        return lines;
    }

    private static List<Node<?>> parts(TypeDefinition<?> type) {
        List<Node<?>> parts = new ArrayList<>();
        if (type instanceof ObjectTypeDefinition object) {
            parts.addAll(object.getFieldDefinitions());
            object.getImplements().forEach(parts::add);
        } else if (type instanceof InterfaceTypeDefinition face) {
            parts.addAll(face.getFieldDefinitions());
        } else if (type instanceof InputObjectTypeDefinition input) {
            parts.addAll(input.getInputValueDefinitions());
        } else if (type instanceof EnumTypeDefinition values) {
            parts.addAll(values.getEnumValueDefinitions());
        } else if (type instanceof UnionTypeDefinition union) {
            union.getMemberTypes().forEach(parts::add);
        }
        return parts;
    }

    private static String argument(InputValueDefinition argument) {
        return argument.getName() + ": " + AstPrinter.printAst(argument.getType())
                + (argument.getDefaultValue() == null ? "" : " = " + AstPrinter.printAst(argument.getDefaultValue()));
    }
}
