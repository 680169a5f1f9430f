//! docs/getting-started.md word for word: from a cluster in which nobody has heard of execgate to a shell in a pod.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::newcomer::Newcomer;
use crate::support::ask::{Ask, Door, Serves};
use crate::support::wire::PATIENCE;

/// The gate, as the page in a browser reaches it.
struct Page {
    door: Door,
    cookie: String,
}

impl Serves for Page {
    fn door(&self) -> Door {
        self.door.clone()
    }
}

impl Page {
    fn ask(&self, method: &'static str, path: &str) -> Ask {
        let host = self.door.address.to_string();
        let ask = Ask::new(self, method, path).without("Authorization").without("Host").header("Host", &host);
        ask.header("Origin", &format!("http://{host}")).header("Cookie", &self.cookie)
    }
}

#[tokio::test]
async fn five_commands_lead_from_a_cluster_to_a_shell_in_a_pod() {
    let guide =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/getting-started.md")).unwrap();
    let [rbac, token, init, check, serve]: [String; 5] =
        blocks(&guide, "sh").try_into().expect("five commands");
    let newcomer = Newcomer::with_pods();

    newcomer.succeed(&rbac);
    newcomer.succeed(&token);
    let said = newcomer.succeed(&init);
    let alice = said.stderr.trim().strip_prefix("token of alice, shown this once: ").expect(&said.stderr);
    let said = newcomer.succeed(&check);
    assert_eq!(said.stderr, "");
    let (_, tried) = said.stdout.split_once("Clusters, tried now").expect(&said.stdout);
    let shown = &blocks(&guide, "text")[0];
    let tried = tried.replace(&newcomer.node.server(), "https://10.0.0.10:6443");
    assert_eq!(timeless(&format!("Clusters, tried now{tried}")), timeless(shown));

    let config = newcomer.path("config.yaml");
    let text = fs::read_to_string(&config).unwrap();
    // Other tests may be on the port of the guide.
    fs::write(&config, text.replace("127.0.0.1:8080", "127.0.0.1:0")).unwrap();
    let mut serve = tokio::process::Command::from(newcomer.shell(&format!("exec {serve}")));
    let mut gate = serve.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut page = Page { door: door(&mut gate).await, cookie: String::new() };

    assert!(matches!(page.ask("GET", "/").refused().await.code(), 200 | 503), "503 if npm was not there");
    let login = serde_json::json!({ "token": alice }).to_string();
    let answer = page.ask("POST", "/login").header("Content-Type", "application/json").body(&login);
    let answer = answer.refused().await;
    assert_eq!(answer.code(), 204, "{answer:?}");
    page.cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();

    let listed = page.ask("GET", "/targets/prod").refused().await.json();
    let is_web = |pod: &&serde_json::Value| pod["name"] == "web-0" && pod["namespace"] == "default";
    let web = listed["pods"].as_array().unwrap().iter().find(is_web).expect("web-0 runs");
    assert_eq!(web["containers"], serde_json::json!(["app", "sidecar"]));

    let path = "/clusters/prod/api/v1/namespaces/default/pods/web-0/exec?command=sh&container=app&stdin=1&stdout=1&stderr=1&tty=1";
    let mut session = page.ask("GET", path).upgrade().offer("base64.channel.k8s.io").open().await;
    session.resize(80, 24).await;
    session.type_in("echo here; exit 7\n").await;
    let transcript = session.transcript().await;
    assert!(transcript.text().contains("\r\nhere\r\n"), "{}", transcript.text());
    assert_eq!(transcript.close(), (1000, "exit code 7"));
}

/// Where the gate says that it listens.
async fn door(gate: &mut tokio::process::Child) -> Door {
    let mut lines = BufReader::new(gate.stderr.take().unwrap()).lines();
    let listening = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, address)) = line.split_once("listening on http://") {
                return address.trim().parse().unwrap();
            }
        }
        panic!("it ended");
    };
    let address = tokio::time::timeout(PATIENCE, listening).await.expect("it listens");
    // Read on, or a full pipe would stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Door { address, ca: None, token: String::new() }
}

/// The text without the moment at which the token ends.
fn timeless(text: &str) -> String {
    let lines = text.trim().lines();
    let lines = lines.map(|line| line.split(" with a token that ends on ").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The code blocks in `language`, which is the first word after the fence.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| Some(block.strip_prefix(language)?.strip_prefix('\n')?.to_owned())).collect()
}
