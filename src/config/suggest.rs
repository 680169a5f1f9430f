//! "Did you mean": the word that was probably meant.

/// `; did you mean "x"?`, or else `; LABEL a, b, c`, where nothing is known `; none is configured`.
pub(super) fn advice(word: &str, label: &str, known: &[&str]) -> String {
    let meant: Vec<String> = meant(word, known).iter().map(|known| format!("{known:?}")).collect();
    if meant.is_empty() { list(label, known) } else { format!("; did you mean {}?", meant.join(" or ")) }
}

/// `; LABEL a, b, c`, or `; none is configured`.
pub(super) fn list(label: &str, known: &[&str]) -> String {
    if known.is_empty() {
        return "; none is configured".to_owned();
    }
    format!("; {label} {}", known.join(", "))
}

/// The one of `known` that is closest to `word`, if one is close; else those that begin with it.
fn meant<'a>(word: &str, known: &[&'a str]) -> Vec<&'a str> {
    let folded = fold(word);
    let close = |candidate: &&str| {
        let distance = distance(&folded, &fold(candidate));
        (distance <= candidate.len().max(word.len()) / 3).then_some(distance)
    };
    let scored = known.iter().filter_map(|candidate| Some((close(candidate)?, *candidate)));
    if let Some((_, closest)) = scored.min_by_key(|(distance, _)| *distance) {
        return vec![closest];
    }
    let begins_alike = |candidate: &&&str| folded.len() >= 4 && fold(candidate).starts_with(&folded);
    known.iter().filter(begins_alike).copied().collect()
}

/// Spellings that differ only in case, `-` and `_` are the same word.
fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for row in 1..=from.len() {
        let mut costs = vec![row];
        for column in 1..=to.len() {
            let differs = usize::from(from[row - 1] != to[column - 1]);
            let mut cost = (rows[row - 1][column - 1] + differs)
                .min(rows[row - 1][column] + 1)
                .min(costs[column - 1] + 1);
            let swapped =
                row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1];
            if swapped {
                cost = cost.min(rows[row - 2][column - 2] + 1);
            }
            costs.push(cost);
        }
        rows.push(costs);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_and_another_spelling_are_recognised() {
        let known = ["connectTimeout", "server", "certificateAuthority", "tls"];
        assert_eq!(meant("sever", &known), ["server"]);
        assert_eq!(meant("tsl", &known), ["tls"]);
        assert_eq!(meant("connect_timeout", &known), ["connectTimeout"]);
        assert_eq!(meant("certificate-authority-data", &known), ["certificateAuthority"]);
        assert!(meant("colour", &known).is_empty());
    }

    #[test]
    fn a_beginning_names_all_that_go_on_from_it() {
        let known = ["tokenEnv", "tokenFile", "clientCertificate"];
        assert_eq!(
            advice("token", "the keys here are", &known),
            "; did you mean \"tokenEnv\" or \"tokenFile\"?"
        );
        assert_eq!(advice("x", "the keys here are", &["a", "b"]), "; the keys here are a, b");
    }

    #[test]
    fn where_nothing_is_known_that_is_said() {
        assert_eq!(advice("x", "the target resolvers are", &[]), "; none is configured");
    }
}
