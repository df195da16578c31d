package io.shopbridge.sandbox.salesforce;

import io.shopbridge.sandbox.salesforce.Field.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * The fields that an object's file of a metadata package describes, {@code objects/Contact.object}.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/customfield.htm">CustomField
 *     </a>
 */
final class Metadata {

    private Metadata() {
    }

    /** @throws IllegalArgumentException if it isn't such a file */
    static List<Field> fields(byte[] file) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            NodeList elements = factory.newDocumentBuilder().parse(new ByteArrayInputStream(file))
                    .getDocumentElement().getElementsByTagName("fields");
            List<Field> fields = new ArrayList<>();
            for (int i = 0; i < elements.getLength(); i++) {
                fields.add(field((Element) elements.item(i)));
            }
            return fields;
        } catch (SAXException | ParserConfigurationException | IOException e) {
            throw new IllegalArgumentException("not the metadata of an object: " + e.getMessage(), e);
        }
    }

    private static Field field(Element field) {
        String name = text(field, "fullName");
        Set<String> traits = new TreeSet<>();
        if (text(field, "unique").equals("true")) {
            traits.add("unique");
        }
        if (text(field, "externalId").equals("true")) {
            traits.add("external-id");
        }
        return switch (text(field, "type")) {
            case "Text" -> new Field(name, Kind.STRING, number(field, "length"), 0, List.of(), traits);
            case "LongTextArea" -> new Field(name, Kind.TEXTAREA, number(field, "length"), 0, List.of(), traits);
            case "Number" -> new Field(name, Kind.DOUBLE, number(field, "precision"), number(field, "scale"),
                    List.of(), traits);
            case "Checkbox" -> new Field(name, Kind.BOOLEAN, 0, 0, List.of(), traits);
            case "DateTime" -> new Field(name, Kind.DATETIME, 0, 0, List.of(), traits);
            case "Date" -> new Field(name, Kind.DATE, 0, 0, List.of(), traits);
            case "Picklist" -> new Field(name, Kind.PICKLIST, 255, 0, choices(field), traits);
            case "Lookup" -> new Field(name, Kind.REFERENCE, 18, 0, List.of(text(field, "referenceTo")), traits);
            case "MasterDetail" -> new Field(name, Kind.REFERENCE, 18, 0, List.of(text(field, "referenceTo")),
                    Set.of("required", "create-only"));
            default -> throw new IllegalArgumentException(name + " is of a type that this simulator can't have: "
                    + text(field, "type"));
        };
    }

    private static List<String> choices(Element field) {
        List<String> choices = new ArrayList<>();
        NodeList values = field.getElementsByTagName("value");
        for (int i = 0; i < values.getLength(); i++) {
            choices.add(text((Element) values.item(i), "fullName"));
        }
        return choices;
    }

    private static int number(Element field, String name) {
        String text = text(field, name);
        if (!text.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException(text(field, "fullName") + " needs a number as " + name);
        }
        return Integer.parseInt(text);
    }

    /** Of the first element of this name; empty if there is none. */
    private static String text(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().trim();
    }
}
