package io.shopbridge.sandbox;

import io.shopbridge.crm.Crms;
import io.shopbridge.crm.InvalidCrm;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.SecureAddress;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.StoreSettings;
import io.shopbridge.yaml.InvalidMappings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.Profile;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/**
 * Keeps the sandbox, which asks nobody for a password and invents orders, away from everything real. It looks at the
 * settings as they are in force, whichever file or variable they came from, and before anything is connected or bound.
 */
@Component
@Profile("sandbox")
class SandboxOnly implements BeanFactoryPostProcessor, PriorityOrdered, EnvironmentAware {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxOnly.class);

    /** What every secret of a sandbox begins with, so that it is never mistaken for a real one. */
    private static final String MARK = "sandbox-";
    private static final Pattern SECRET = Pattern.compile("(?i).*(token|secret|password|key|credentials?)");
    private static final List<String> DATABASES =
            List.of("spring.datasource.url", "spring.datasource.hikari.jdbc-url", "spring.flyway.url");

    private Environment environment;

    /** No constructor: so early, Spring calls only those without parameters. */
    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    /** Before the database is started, which is the first thing that is. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    /** @throws InvalidSettings with everything that is not of a sandbox */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        List<String> faults = faults();
        if (!faults.isEmpty()) {
            throw new InvalidSettings("The profile sandbox is on, which asks nobody for a password and sends invented"
                    + " orders, beside settings that are not of a sandbox:\n  - " + String.join("\n  - ", faults)
                    + "\nTo run with these settings, take sandbox out of SPRING_PROFILES_ACTIVE (or"
                    + " spring.profiles.active). To try Shopbridge out, take these settings out.");
        }
        LOG.warn("This is a SANDBOX: a simulated shop and simulated CRMs, no password, reached from this machine"
                + " alone. Never use it for a real shop.");
    }

    private List<String> faults() {
        List<String> faults = new ArrayList<>();
        ShopbridgeSettings settings = ShopbridgeSettings.of(environment);
        address(faults, "server.address");
        String management = environment.getProperty("management.server.port");
        if (StringUtils.hasText(management) && !management.equals(environment.getProperty("server.port"))) {
            address(faults, "management.server.address");
        }
        settings.stores().forEach((name, store) -> store(faults, "shopbridge.stores." + name, store));
        settings.crms().forEach((name, values) -> crm(faults, settings, name, values));
        DATABASES.forEach(setting -> database(faults, setting));
        secret(faults, "shopbridge.sandbox.token", environment.getProperty("shopbridge.sandbox.token"));
        secret(faults, "shopbridge.sandbox.shop.secret", environment.getProperty("shopbridge.sandbox.shop.secret"));
        loopback(faults, "shopbridge.sandbox.shop.endpoint",
                environment.getProperty("shopbridge.sandbox.shop.endpoint"));
        return faults;
    }

    private void address(List<String> faults, String setting) {
        String address = environment.getProperty(setting);
        if (!StringUtils.hasText(address)) {
            faults.add(setting + " is empty, which listens to everybody; it must be 127.0.0.1");
        } else if (!SecureAddress.isLoopback(address)) {
            faults.add(setting + " is " + address + ", which listens to other machines; it must be 127.0.0.1");
        }
    }

    private static void store(List<String> faults, String prefix, StoreSettings store) {
        store.webhookSecrets().forEach(secret -> secret(faults, prefix + ".webhook-secrets", secret));
        StoreSettings.Admin admin = store.admin();
        if (admin != null) {
            secret(faults, prefix + ".admin.access-token", admin.accessToken());
            secret(faults, prefix + ".admin.client-secret", admin.clientSecret());
            if (StringUtils.hasText(admin.url())) {
                loopback(faults, prefix + ".admin.url", admin.url());
            } else if (StringUtils.hasText(admin.accessToken()) || StringUtils.hasText(admin.clientSecret())) {
                faults.add(prefix + (StringUtils.hasText(admin.accessToken()) ? ".admin.access-token"
                        : ".admin.client-secret") + " is set and " + prefix + ".admin.url is empty, which means the"
                        + " shop's own domain; it must be of this machine");
            }
        }
    }

    private static void crm(List<String> faults, ShopbridgeSettings settings, String name,
            Map<String, String> values) {
        String prefix = "shopbridge.crms." + name;
        values.forEach((key, value) -> {
            if (SECRET.matcher(key).matches()) {
                secret(faults, prefix + "." + key, value);
            }
        });
        try {
            new Crms(settings.ofCrm(name)).get(name).addresses()
                    .forEach((setting, url) -> loopback(faults, prefix + "." + setting, url));
        } catch (InvalidMappings e) {
            // Said by the start itself, with every file and line.
        } catch (InvalidCrm e) {
            faults.add(e.getMessage());
        }
    }

    private static void secret(List<String> faults, String setting, String value) {
        if (StringUtils.hasText(value) && !value.startsWith(MARK)) {
            faults.add(setting + " looks real: a sandbox's begins with " + MARK);
        }
    }

    private static void loopback(List<String> faults, String setting, String url) {
        if (StringUtils.hasText(url) && !SecureAddress.isLoopbackUrl(url)) {
            faults.add(setting + " is not of this machine; it must be http://localhost:<port>");
        }
    }

    /** As the driver itself reads it, which knows several servers in one URL. */
    private void database(List<String> faults, String setting) {
        String url = environment.getProperty(setting);
        if (!StringUtils.hasText(url)) {
            return;
        }
        Properties parts = Driver.parseURL(url, new Properties());
        String hosts = parts == null ? "" : parts.getProperty("PGHOST", "");
        if (hosts.isEmpty() || !List.of(hosts.split(",")).stream().allMatch(SecureAddress::isLoopback)) {
            faults.add(setting + " is not of this machine; leave it out, and an embedded PostgreSQL serves");
        }
    }
}
