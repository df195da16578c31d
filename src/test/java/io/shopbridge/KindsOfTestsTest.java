package io.shopbridge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.springframework.boot.test.context.SpringBootTest;

/** A {@code *Test} is a unit test, run by {@code mvn test}; an {@code *IT} is run by {@code mvn verify}. */
@AnalyzeClasses(packages = "io.shopbridge", importOptions = ImportOption.OnlyIncludeTests.class)
class KindsOfTestsTest {

    @ArchTest
    static final ArchRule WHAT_STARTS_AN_APPLICATION_OR_A_DATABASE_IS_AN_IT = noClasses()
            .that().haveSimpleNameEndingWith("Test")
            .should().beMetaAnnotatedWith(SpringBootTest.class)
            .orShould().transitivelyDependOnClassesThat()
            .haveNameMatching("io\\.shopbridge\\.RunningShopbridge|io\\.zonky\\..*");
}
