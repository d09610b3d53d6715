//! What names and titles must be beside clean: something that shows, and nobody else's name in other
//! letters.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{ExtendedPictographic, GeneralCategory, Script},
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    BadText,
    clean::{is_invisible, script_of},
};

/// Most marks on one letter (UTS 39 §5.4).
const MARKS_MAX: usize = 4;

/// The text with a space for each character that looks like one.
pub(super) fn without_blanks(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{115f}' | '\u{1160}'))
        .map(|c| if matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}') { ' ' } else { c })
        .collect()
}

/// Refuses what shows as an empty box or not as what it is: code points that nobody has given a
/// meaning, and letters under a heap of marks.
pub(super) fn check_shows(text: &str) -> Result<(), BadText> {
    let mut marks = 0_usize;
    // In pieces, so that a mark counts whether or not it is composed with its letter.
    for c in text.nfd() {
        marks = if is_combining_mark(c) && script_of(c) == Script::Inherited { marks.saturating_add(1) } else { 0 };
        if marks > MARKS_MAX || !has_a_meaning(c) {
            return Err(BadText::Unshowable);
        }
    }
    Ok(())
}

fn has_a_meaning(c: char) -> bool {
    match CodePointMapData::<GeneralCategory>::new().get(c) {
        GeneralCategory::PrivateUse => false,
        // Telephones have new emoji before we know them; their places are kept for them.
        GeneralCategory::Unassigned => CodePointSetData::new::<ExtendedPictographic>().contains(c),
        _ => c != char::REPLACEMENT_CHARACTER,
    }
}

/// Scripts that people here mix within one word, and whose letters do not imitate one another.
pub(super) fn is_of_our_keyboards(script: Script) -> bool {
    [Script::Hangul, Script::Latin, Script::Han, Script::Hiragana, Script::Katakana, Script::Bopomofo].contains(&script)
}

/// Other scripts in everyday use whose letters nobody takes for Latin ones (UAX 31, table 5, without
/// Armenian, Cyrillic and Greek): each may stand beside Latin (UTS 39 §5.2, moderately restrictive).
const UNLIKE_LATIN: [Script; 20] = [
    Script::Arabic,
    Script::Bengali,
    Script::Devanagari,
    Script::Ethiopic,
    Script::Georgian,
    Script::Gujarati,
    Script::Gurmukhi,
    Script::Hebrew,
    Script::Kannada,
    Script::Khmer,
    Script::Lao,
    Script::Malayalam,
    Script::Myanmar,
    Script::Oriya,
    Script::Sinhala,
    Script::Tamil,
    Script::Telugu,
    Script::Thaana,
    Script::Thai,
    Script::Tibetan,
];

/// Refuses letters of scripts that are only mixed to imitate, such as a Cyrillic `а` among Latin letters.
pub(super) fn check_scripts(text: &str) -> Result<(), BadText> {
    let (mut ours, mut other) = (false, None);
    // By what the letters stand for: a full-width `Ａ` is Latin as `A` is.
    let is_of_no_script = |script: &Script| [Script::Common, Script::Inherited, Script::Unknown].contains(script);
    for script in text.nfkc().map(script_of).filter(|script| !is_of_no_script(script)) {
        if is_of_our_keyboards(script) {
            ours = true;
        } else if *other.get_or_insert(script) != script {
            return Err(BadText::MixedScripts);
        }
    }
    if ours && other.is_some_and(|script| !UNLIKE_LATIN.contains(&script)) {
        return Err(BadText::MixedScripts);
    }
    Ok(())
}

/// What texts have in common that differ only in case, in the width of their letters or in what cannot
/// be seen: the form in which names are compared. Keys are made of it, so it never changes.
#[must_use]
pub fn folded(text: &str) -> String {
    let visible = text.nfkc().filter(|c| !is_invisible(*c)).collect::<String>();
    // A letter in lower case may have another normal form: once more.
    visible.to_lowercase().nfkc().collect()
}

/// The forms that a name must be the only one to have: its own, and where it is spelt in letters that
/// look like Latin ones, such as `рауа` in Cyrillic, that of the Latin name too.
#[must_use]
pub fn forms(name: &str) -> Vec<String> {
    let mut forms = vec![folded(name)];
    forms.extend(as_latin(name).map(|latin| folded(&latin)).filter(|latin| !forms.contains(latin)));
    forms
}

/// The Latin letters that a name looks like, when every other letter of it looks like one.
fn as_latin(name: &str) -> Option<String> {
    name.nfkc()
        .filter(|c| !is_invisible(*c))
        .map(|c| {
            let is_plain = !c.is_alphabetic() || is_of_our_keyboards(script_of(c));
            latin_look_alike(c).or_else(|| is_plain.then_some(c))
        })
        .collect()
}

/// The Latin letter that a letter looks like in the common fonts, from the confusables of UTS 39. Looked
/// at before case is folded: `Н` looks like `H`, `н` like nothing.
const fn latin_look_alike(c: char) -> Option<char> {
    Some(match c {
        'А' | 'Α' | 'Ꭺ' => 'A',
        'В' | 'Β' | 'Ᏼ' => 'B',
        'С' | 'Ϲ' | 'Ꮯ' => 'C',
        'Ꭰ' => 'D',
        'Е' | 'Ε' | 'Ꭼ' => 'E',
        'Ԍ' | 'Ꮐ' => 'G',
        'Н' | 'Η' | 'Ꮋ' => 'H',
        'І' | 'Ӏ' | 'Ι' => 'I',
        'Ј' | 'Ꭻ' => 'J',
        'К' | 'Κ' | 'Ꮶ' => 'K',
        'Ꮮ' => 'L',
        'М' | 'Μ' | 'Ꮇ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' | 'Օ' => 'O',
        'Р' | 'Ρ' | 'Ꮲ' => 'P',
        'Ԛ' => 'Q',
        'Ꭱ' | 'Ꮢ' => 'R',
        'Ѕ' | 'Ꮪ' | 'Տ' => 'S',
        'Т' | 'Τ' | 'Ꭲ' => 'T',
        'Ս' => 'U',
        'Ꮩ' | 'Ѵ' => 'V',
        'Ԝ' | 'Ꮃ' | 'Ꮤ' => 'W',
        'Х' | 'Χ' => 'X',
        'У' | 'Ү' | 'Υ' | 'Ꮍ' => 'Y',
        'Ζ' | 'Ꮓ' => 'Z',
        'а' | 'α' | 'ɑ' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɪ' => 'i',
        'ј' | 'ϳ' | 'ȷ' | 'յ' => 'j',
        'ӏ' => 'l',
        'ո' => 'n',
        'о' | 'ο' | 'σ' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'ѕ' => 's',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' => 'x',
        'у' | 'ү' | 'γ' => 'y',
        _ => return None,
    })
}
