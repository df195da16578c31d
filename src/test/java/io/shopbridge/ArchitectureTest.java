package io.shopbridge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Packages follow the flow of data, and each knows only what lies before it. */
@AnalyzeClasses(packages = "io.shopbridge", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES = slices().matching("io.shopbridge.(*)..").should().beFreeOfCycles();

    /** The mapping language is usable, and testable in milliseconds, without anything that runs. */
    @ArchTest
    static final ArchRule MAPPING_IS_PURE = noClasses().that().resideInAnyPackage("..map..", "..merge..")
            .should().dependOnClassesThat().resideInAnyPackage("org.springframework.jdbc..", "org.apache.camel..",
                    "java.sql..", "javax.sql..");

    /** What may be called only over HTTP stays replaceable by the real thing. */
    @ArchTest
    static final ArchRule NOTHING_KNOWS_THE_SANDBOX = noClasses().that().resideOutsideOfPackage("..sandbox..")
            .should().dependOnClassesThat().resideInAPackage("..sandbox..");

    /** The doctor asks by itself: it looks at what a delivery never sees. */
    @ArchTest
    static final ArchRule ONE_DOOR_OUT = noClasses().that()
            .resideOutsideOfPackages("..sandbox..", "..crm..", "..doctor..")
            .should().dependOnClassesThat().resideInAnyPackage("java.net.http..", "org.springframework.web.client..",
                    "org.apache.hc..");

    @ArchTest
    static final ArchRule NAMES_SAY_SOMETHING = classes().should()
            .haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl)$");
}
