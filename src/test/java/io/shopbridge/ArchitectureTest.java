package io.shopbridge;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What may know what. */
@AnalyzeClasses(packages = "io.shopbridge", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** From the ground up. A package knows what stands below its floor, and nothing beside or above it. */
    private static final List<List<String>> FLOORS = List.of(
            List.of("start", "doorbell", "schedule"),
            List.of("store", "yaml", "database"),
            List.of("inbox", "work", "map"),
            List.of("connect", "audit"),
            List.of("receive", "shopify", "crm", "merge"),
            List.of("ledger", "backfill"),
            List.of("mirror"),
            List.of("identify", "poll", "recount", "refresh"),
            List.of("deliver", "cases", "doctor", "subscribe", "export"),
            List.of("preview", "salesforce", "forecast", "reconcile"),
            List.of("explain"),
            List.of("docs", "lint"),
            List.of("plan"),
            List.of("operate"),
            List.of("console", "command", "sandbox"));

    @ArchTest
    static final ArchRule PACKAGES_KNOW_ONLY_WHAT_STANDS_BELOW = classes().that().resideInAPackage("io.shopbridge.*..")
            .should(new ArchCondition<>("know only packages of lower floors") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    type.getDirectDependenciesFromSelf().stream()
                            .filter(known -> known.getTargetClass().getPackageName().startsWith("io.shopbridge"))
                            .filter(known -> !folder(known.getTargetClass()).equals(folder(type)))
                            .filter(known -> floor(known.getTargetClass()) >= floor(type))
                            .forEach(known -> events.add(SimpleConditionEvent.violated(type, known.getDescription())));
                }
            });

    private static String folder(JavaClass type) {
        return type.getPackageName().replaceFirst("^io\\.shopbridge\\.?", "").replaceFirst("\\..*", "");
    }

    private static int floor(JavaClass type) {
        String folder = folder(type);
        return IntStream.range(0, FLOORS.size()).filter(floor -> FLOORS.get(floor).contains(folder)).findFirst()
                .orElseThrow(() -> new AssertionError("Say on which floor package " + folder + " stands"));
    }

    /** The mapping language is usable, and testable in milliseconds, without anything that runs. */
    @ArchTest
    static final ArchRule MAPPING_IS_PURE = noClasses().that().resideInAnyPackage("..map..", "..merge..")
            .should().dependOnClassesThat().resideInAnyPackage("org.springframework.jdbc..", "org.apache.camel..",
                    "java.sql..", "javax.sql..");

    /** What may be called only over HTTP stays replaceable by the real thing. */
    @ArchTest
    static final ArchRule NOTHING_KNOWS_THE_SANDBOX = noClasses().that().resideOutsideOfPackage("..sandbox..")
            .should().dependOnClassesThat().resideInAPackage("..sandbox..");

    /** It is for bulk queries and those for further pages, made of fragments; what is asked stands in mappings/shopify. */
    @ArchTest
    static final ArchRule FEW_QUERIES_ARE_MADE = noClasses()
            .that().resideOutsideOfPackages("..sandbox..", "..backfill..", "..shopify.admin..")
            .should().dependOnClassesThat().resideInAPackage("graphql..");

    /** The doctor asks by itself: it looks at what a delivery never sees. A command asks the operator API. */
    @ArchTest
    static final ArchRule ONE_DOOR_OUT = noClasses().that()
            .resideOutsideOfPackages("..sandbox..", "..connect..", "..crm..", "..doctor..", "..command..")
            .should().dependOnClassesThat().resideInAnyPackage("java.net.http..", "org.springframework.web.client..",
                    "org.apache.hc..");

    /** A record prints all it holds, unless it says otherwise: whoever quotes one must not give a secret away. */
    @ArchTest
    static final ArchRule RECORDS_PRINT_NO_SECRETS = classes().that(describe("hold a secret", HoldsSecret::test))
            .should(new ArchCondition<>("say what they print") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    // The compiler's toString accesses nothing: it leaves that to the runtime.
                    boolean says = !type.getMethod("toString").getAccessesFromSelf().isEmpty();
                    events.add(new SimpleConditionEvent(type, says, type.getName() + " prints all it holds"));
                }
            });

    private static final class HoldsSecret {

        private static final Pattern NAME =
                Pattern.compile("(?i)(.*(token|secret|password|credential)s?|key|.*[a-z]Key)");
        /** Keys of records and tables, and the texts of crm.yaml, where lint lets no secret stand. */
        private static final Set<String> NONE = Set.of("RecordKey", "MatchKey", "Basic", "OAuth2", "Index", "Write",
                "CrmWrite", "TableExport");

        static boolean test(JavaClass type) {
            return type.isRecord() && !NONE.contains(type.getSimpleName())
                    && Stream.of(type.reflect().getRecordComponents()).anyMatch(part ->
                            part.getGenericType().getTypeName().matches(".*(String|byte\\[]).*")
                                    && NAME.matcher(part.getName()).matches());
        }
    }

    @ArchTest
    static final ArchRule NAMES_SAY_SOMETHING = classes().should()
            .haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl)$");
}
