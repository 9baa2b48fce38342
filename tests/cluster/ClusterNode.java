import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.mapper.MapperExtrasPlugin;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node in a JVM of its own, so that a test can kill it.
 *
 * Arguments: the node's home folder, then settings as name=value. Prints "started" when it is up
 * and ends when its standard input does, so that no node outlives the test that started it.
 */
public class ClusterNode {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Path config = Files.createDirectories(home.resolve("config"));
        Settings.Builder settings = Settings.builder().put("path.home", home.toString());
        for (int i = 1; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        OpenSearchRunnerNode node = new OpenSearchRunnerNode(
            new Environment(settings.build(), config),
            List.of(CommonAnalysisPlugin.class, MapperExtrasPlugin.class, PainlessPlugin.class,
                ReindexPlugin.class, Netty4Plugin.class));
        node.start();
        System.out.println("started");
        while (System.in.read() >= 0) {
            // Nothing is ever sent: this waits for the end of the input.
        }
        System.exit(0);
    }
}
