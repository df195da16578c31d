package io.shopbridge.salesforce;

import io.shopbridge.crm.FieldKind;
import io.shopbridge.doctor.NeededField;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes Salesforce metadata in the form that a metadata deployment takes: {@code package.xml}, {@code objects/} and a
 * permission set, because a deployed field is invisible without one.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/customfield.htm">CustomField
 *     </a>
 */
final class SalesforceMetadata {

    private static final String NAMESPACE = "http://soap.sforce.com/2006/04/metadata";
    private static final String PERMISSION_SET = "Shopbridge";
    private static final int LONGEST_TEXT = 255;
    private static final int LONG_TEXT = 32_768;

    private final String version;

    SalesforceMetadata(String version) {
        this.version = version;
    }

    /** @param newObjects those of the objects that the org doesn't have yet */
    void write(Path directory, Map<String, List<NeededField>> fields, List<String> newObjects) {
        try {
            Files.createDirectories(directory.resolve("objects"));
            Files.createDirectories(directory.resolve("permissionsets"));
            for (Map.Entry<String, List<NeededField>> object : fields.entrySet()) {
                document(directory.resolve("objects/" + object.getKey() + ".object"), "CustomObject",
                        xml -> object(xml, object.getKey(), object.getValue(), newObjects.contains(object.getKey())));
            }
            document(directory.resolve("permissionsets/" + PERMISSION_SET + ".permissionset"), "PermissionSet",
                    xml -> permissions(xml, fields, newObjects));
            document(directory.resolve("package.xml"), "Package", xml -> contents(xml, fields, newObjects));
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " can't be written; choose another directory with --out", e);
        }
    }

    private void contents(XMLStreamWriter xml, Map<String, List<NeededField>> fields, List<String> newObjects)
            throws XMLStreamException {
        types(xml, "CustomObject", newObjects.stream().filter(fields::containsKey).toList());
        types(xml, "CustomField", fields.values().stream().flatMap(List::stream)
                .map(SalesforceMetadata::fullName).toList());
        types(xml, "PermissionSet", List.of(PERMISSION_SET));
        element(xml, "version", version);
    }

    private static void types(XMLStreamWriter xml, String name, List<String> members) throws XMLStreamException {
        if (!members.isEmpty()) {
            xml.writeStartElement("types");
            for (String member : members) {
                element(xml, "members", member);
            }
            element(xml, "name", name);
            xml.writeEndElement();
        }
    }

    private static void object(XMLStreamWriter xml, String name, List<NeededField> fields, boolean isNew)
            throws XMLStreamException {
        if (isNew) {
            element(xml, "label", label(name));
            element(xml, "pluralLabel", label(name) + "s");
            xml.writeStartElement("nameField");
            element(xml, "label", "Name");
            element(xml, "type", "Text");
            xml.writeEndElement();
            element(xml, "deploymentStatus", "Deployed");
            element(xml, "sharingModel", fields.stream().anyMatch(NeededField::part) ? "ControlledByParent"
                    : "ReadWrite");
        }
        for (NeededField field : fields) {
            xml.writeStartElement("fields");
            field(xml, field);
            xml.writeEndElement();
        }
    }

    private static void field(XMLStreamWriter xml, NeededField field) throws XMLStreamException {
        element(xml, "fullName", apiName(field));
        element(xml, "label", label(apiName(field)));
        boolean isLong = field.kind() == FieldKind.TEXT && (field.length() == 0 || field.length() > LONGEST_TEXT);
        element(xml, "type", switch (field.kind()) {
            case NUMBER -> "Number";
            case BOOLEAN -> "Checkbox";
            case TIME -> "DateTime";
            case DAY -> "Date";
            case CHOICE -> "Picklist";
            case REFERENCE -> field.part() ? "MasterDetail" : "Lookup";
            default -> isLong ? "LongTextArea" : "Text";
        });
        switch (field.kind()) {
            case NUMBER -> {
                element(xml, "precision", "18");
                element(xml, "scale", "2");
            }
            case BOOLEAN -> element(xml, "defaultValue", "false");
            case CHOICE -> choices(xml, field.choices());
            case TEXT -> {
                element(xml, "length", String.valueOf(isLong ? Math.max(field.length(), LONG_TEXT) : LONGEST_TEXT));
                if (isLong) {
                    element(xml, "visibleLines", "4");
                }
            }
            case REFERENCE -> reference(xml, field);
            default -> { }
        }
        if (field.unique()) {
            element(xml, "externalId", "true");
            element(xml, "unique", "true");
            element(xml, "caseSensitive", "true");
        }
    }

    private static void reference(XMLStreamWriter xml, NeededField field) throws XMLStreamException {
        element(xml, "referenceTo", field.to());
        element(xml, "relationshipLabel", label(field.object()) + "s");
        element(xml, "relationshipName", field.object().replaceFirst("__c$", "") + "s");
        if (field.part()) {
            element(xml, "relationshipOrder", "0");
            element(xml, "reparentableMasterDetail", "false");
            element(xml, "writeRequiresMasterRead", "false");
        } else {
            element(xml, "deleteConstraint", "SetNull");
        }
    }

    private static void choices(XMLStreamWriter xml, List<String> choices) throws XMLStreamException {
        xml.writeStartElement("valueSet");
        element(xml, "restricted", "true");
        xml.writeStartElement("valueSetDefinition");
        element(xml, "sorted", "false");
        for (String choice : choices) {
            xml.writeStartElement("value");
            element(xml, "fullName", choice);
            element(xml, "default", "false");
            element(xml, "label", choice);
            xml.writeEndElement();
        }
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static void permissions(XMLStreamWriter xml, Map<String, List<NeededField>> fields,
            List<String> newObjects) throws XMLStreamException {
        // A field that leads to the whole is visible to whoever sees the part: a permission for it would be refused.
        for (NeededField field : fields.values().stream().flatMap(List::stream).filter(one -> !one.part()).toList()) {
            xml.writeStartElement("fieldPermissions");
            element(xml, "editable", "true");
            element(xml, "field", fullName(field));
            element(xml, "readable", "true");
            xml.writeEndElement();
        }
        element(xml, "label", PERMISSION_SET);
        for (String object : newObjects.stream().filter(fields::containsKey).toList()) {
            xml.writeStartElement("objectPermissions");
            for (String right : List.of("allowCreate", "allowDelete", "allowEdit", "allowRead")) {
                element(xml, right, "true");
            }
            element(xml, "modifyAllRecords", "false");
            element(xml, "object", object);
            element(xml, "viewAllRecords", "true");
            xml.writeEndElement();
        }
    }

    /** A field of a person account is made on the contact, whose fields a person account shows as {@code __pc}. */
    private static String fullName(NeededField field) {
        return (field.name().endsWith("__pc") ? "Contact" : field.object()) + "." + apiName(field);
    }

    private static String apiName(NeededField field) {
        return field.name().replaceFirst("__pc$", "__c");
    }

    private static String label(String name) {
        return name.replaceFirst("__c$", "").replace('_', ' ');
    }

    private interface Content {
        void write(XMLStreamWriter xml) throws XMLStreamException;
    }

    private static void document(Path file, String root, Content content) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement(root);
            xml.writeDefaultNamespace(NAMESPACE);
            content.write(xml);
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("Metadata could not be written to " + file, e);
        }
    }

    private static void element(XMLStreamWriter xml, String name, String text) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }
}
