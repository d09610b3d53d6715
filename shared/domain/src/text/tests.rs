use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

/// What is awkward, more often than chance would bring it.
fn texts() -> impl Strategy<Value = String> {
    let awkward = "\t\n\r\u{85}\u{a0}\u{ad}\u{301}\u{308}\u{34f}\u{600}\u{61c}\u{627}\u{653}\u{64b}\u{915}\u{94d}\u{1100}\u{1161}\u{11a8}\
        \u{115f}\u{1160}\u{17b4}\u{180b}\u{1820}\u{200b}\u{200c}\u{200d}\u{200e}\u{2000}\u{2001}\u{2028}\u{202a}\u{2060}\u{2069}\u{212b}\u{2800}\u{3000}\
        \u{3164}\u{8471}\u{ac00}\u{fb2a}\u{fe0f}\u{feff}\u{ffa0}\u{fffe}\u{1f3f4}\u{1f3fd}\u{1f469}\u{1d15f}\u{e0067}\u{e007f}\u{e0100} aAe1.@+-(0)";
    let awkward: Vec<char> = awkward.chars().collect();
    let c = prop_oneof![proptest::sample::select(awkward), any::<char>()];
    proptest::collection::vec(c, 0..24).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn attack_60_any_text_is_taken_or_refused_and_what_is_taken_reads_back_the_same(text in texts()) {
        if let Ok(title) = ListingTitle::parse(&text) {
            prop_assert_eq!(ListingTitle::parse(title.as_str()), Ok(title.clone()));
            prop_assert!(title.as_str().chars().count() <= 60);
            prop_assert!(!title.as_str().contains("  "));
        }
        if let Ok(nickname) = Nickname::parse(&text) {
            prop_assert_eq!(Nickname::parse(nickname.as_str()), Ok(nickname.clone()));
            prop_assert!(!folded(nickname.as_str()).trim().is_empty());
        }
        if let Ok(description) = Description::parse(&text) {
            prop_assert_eq!(Description::parse(description.as_str()), Ok(description.clone()));
            prop_assert!(description.as_str().chars().all(|c| c == '\n' || c == ' ' || !(c.is_control() || c.is_whitespace())));
        }
        if let Ok(name) = PersonName::parse(&text) {
            prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
        }
        let _ = Nickname::suggested(&text);
    }

    #[test]
    fn however_a_text_is_decomposed_it_is_the_same_text(text in texts()) {
        let (composed, decomposed) = (text.nfc().collect::<String>(), text.nfd().collect::<String>());
        prop_assert_eq!(Description::parse(&composed), Description::parse(&decomposed));
        prop_assert_eq!(Nickname::parse(&composed), Nickname::parse(&decomposed));
        prop_assert_eq!(Email::parse(&composed), Email::parse(&decomposed));
        prop_assert_eq!(folded(&composed), folded(&decomposed));
    }

    #[test]
    fn an_address_or_a_number_reads_back_the_same(text in texts(), number in "[+0-9(). -]{8,24}", name in "[a-z0-9'`+._-]{1,12}") {
        for text in [text.as_str(), &number] {
            if let Ok(phone) = Phone::parse(text) {
                prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone.clone()));
            }
        }
        for text in [text, format!("{name}@example.com")] {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                prop_assert!(email.as_str().is_ascii());
            }
        }
    }
}

#[test]
fn attack_59_control_characters_are_refused() {
    for text in
        ["a\0b", "a\u{202e}b", "\u{202d}ab", "a\u{7}b", "a\u{1b}[2Jb", "a\u{9f}b", "a\nb", "a\r\nb", "a\u{2028}b"]
    {
        assert_eq!(ListingTitle::parse(text), Err(BadText::Control), "{text:?}");
    }
    assert!(Description::parse("a\nb").is_ok());
    for text in ["a\0b", "a\u{1b}b", "a\u{202e}b"] {
        assert_eq!(Description::parse(text), Err(BadText::Control), "{text:?}");
    }
}

#[test]
fn texts_of_several_lines_keep_their_lines_whatever_ends_them() {
    for text in ["a\r\nb", "a\rb", "a\nb", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{b}b", "a\u{c}b"] {
        assert_eq!(Description::parse(text).unwrap().as_str(), "a\nb", "{text:?}");
    }
    assert_eq!(Description::parse("a\r\n\r\nb\r\rc\n\rd").unwrap().as_str(), "a\n\nb\n\nc\n\nd");
    assert_eq!(DeliveryMemo::parse("\u{feff}문 앞에\t놓아 주세요\r\n").unwrap().as_str(), "문 앞에 놓아 주세요");
    assert_eq!(Description::parse("크기:\u{a0}\u{3000}40\u{2009}cm").unwrap().as_str(), "크기:  40 cm");
}

#[test]
fn what_comes_along_with_a_pasted_text_is_dropped() {
    for text in [
        "Oak lamp",
        "\u{feff}Oak lamp",
        " Oak\tlamp\u{3000}",
        "Oak\u{a0}lamp",
        "\u{2068}Oak lamp\u{2069}",
        "\u{202a}Oak\u{200b} lamp\u{202c}",
        "O\u{ad}ak\u{200d} la\u{2060}mp\u{200e}",
        "Oak \u{200b} \u{a0} lamp\u{fffe}\u{fdd0}",
        "Oak lamp\u{fffc}\u{e0041}\u{fe0f}",
        "Oak lamp\r\n",
    ] {
        assert_eq!(ListingTitle::parse(text).unwrap().as_str(), "Oak lamp", "{text:?}");
        assert_eq!(AddressLine::parse(text).unwrap().as_str(), "Oak lamp", "{text:?}");
    }
}

#[test]
fn what_shapes_a_letter_or_an_emoji_stays() {
    for text in [
        "👩\u{200d}👩\u{200d}👧 family",
        "👩🏽\u{200d}🚀",
        "❤\u{fe0f}\u{200d}🔥",
        "1\u{fe0f}\u{20e3} 위",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "葛\u{e0100}城",
    ] {
        assert_eq!(PersonName::parse(text).unwrap().as_str(), text, "{text:?}");
    }
}

#[test]
fn letters_in_pieces_are_counted_when_they_are_composed() {
    let pieces = |count: usize| "\u{1112}\u{1161}\u{11ab}".repeat(count);
    assert_eq!(Nickname::parse(&pieces(20)).unwrap().as_str(), "한".repeat(20));
    assert_eq!(ListingTitle::parse(&pieces(60)).unwrap().as_str(), "한".repeat(60));
    assert_eq!(Description::parse(&pieces(5_000)).unwrap().as_str(), "한".repeat(5_000));
    assert_eq!(Nickname::parse(&pieces(21)), Err(BadText::TooLong(20)));
    assert_eq!(Nickname::parse("\u{1112}\u{1161}\u{11ab}"), Err(BadText::TooShort(2)));
    assert_eq!(Nickname::parse(&format!("{}\u{200b}", "가".repeat(20))).unwrap().as_str(), "가".repeat(20));
    assert_eq!(Description::parse(&"\u{200b}".repeat(1_000_000)), Err(BadText::TooLong(5_000)));
}

#[test]
fn a_name_that_shows_nothing_is_none() {
    for blank in [
        "\u{2800}\u{2800}",
        "\u{3164}\u{3164}",
        "\u{115f}\u{1160}",
        "\u{ffa0}\u{ffa0}\u{ffa0}",
        "a\u{2800}",
        "\u{3164}a\u{2800}\u{1160}",
    ] {
        assert_eq!(Nickname::parse(blank), Err(BadText::TooShort(2)), "{blank:?}");
        assert_eq!(ListingTitle::parse(blank), Err(BadText::TooShort(2)), "{blank:?}");
    }
    for text in ["mi na", "mi  na", "mi \u{3164}\u{2800} na\u{2800}", "\u{ffa0}mi\u{2800}na", "mi\u{115f} na"] {
        assert_eq!(Nickname::parse(text).unwrap().as_str(), "mi na", "{text:?}");
    }
    for text in [
        "mina\u{e000}",
        "mina\u{f8ff}",
        "mina\u{10fffd}",
        "mina\u{378}",
        "mina\u{fffd}",
        "mi\u{301}\u{302}\u{303}\u{304}\u{305}na",
    ] {
        assert_eq!(Nickname::parse(text), Err(BadText::Unshowable), "{text:?}");
        assert_eq!(ListingTitle::parse(text), Err(BadText::Unshowable), "{text:?}");
        // In a description a letter of a font of one's own hurts nobody.
        assert!(Description::parse(text).is_ok(), "{text:?}");
    }
    // The place of an emoji of next year.
    assert!(Nickname::parse("mina \u{1f6ff}").is_ok());
    // A braille blank is a blank between braille words.
    assert_eq!(Description::parse("\u{2801}\u{2800}\u{2803}").unwrap().as_str(), "\u{2801}\u{2800}\u{2803}");
}

#[test]
fn letters_are_not_mixed_to_imitate() {
    for imitation in
        ["min\u{430}", "\u{430}dmin", "ΑDMIN", "관리\u{430}", "Jаngteo", "мinα", "ԁanіel", "ꓮdmin", "ﾐｎα", "αа"]
    {
        assert_eq!(Nickname::parse(imitation), Err(BadText::MixedScripts), "{imitation:?}");
    }
    for name in [
        "mina",
        "미나",
        "미나mina",
        "ミナmina美奈",
        "みなミナ美奈",
        "美奈미나",
        "маша",
        "маша 77",
        "Ελένη",
        "مينا",
        "mina مينا",
        "מינה",
        "มีนา mina",
        "मीना",
        "미나ㄱㄴ",
        "ｍｉｎａ",
        "mina★☆",
        "Zoë",
        "Ⅷ세",
        "ﬁona",
        "미나😀",
    ] {
        assert!(Nickname::parse(name).is_ok(), "{name:?}");
    }
    // A title may name a thing in two alphabets.
    assert!(ListingTitle::parse("Книга War and Peace").is_ok());
}

#[test]
fn a_name_spelt_in_letters_that_look_like_latin_ones_takes_the_latin_name_too() {
    for (name, expected) in [
        ("mina", ["mina"].as_slice()),
        ("MINA", &["mina"]),
        ("미나 1", &["미나 1"]),
        ("маша", &["маша"]),
        ("раса", &["раса", "paca"]),
        ("ВОВА", &["вова", "boba"]),
        ("вова", &["вова"]),
        ("ΝΙΚΟΣ", &["νικος"]),
        ("ΝΙΚΗ", &["νικη", "nikh"]),
        ("ᎠᎬᎳ", &["ꭰꭼꮃ", "dew"]),
        ("pɑpɑ", &["pɑpɑ", "papa"]),
        ("Zoë", &["zoë"]),
        ("Straße", &["straße"]),
    ] {
        assert_eq!(forms(name), expected, "{name}");
        assert_eq!(forms(name)[0], folded(name));
    }
}

#[test]
fn what_was_stored_is_read_as_it_is_and_what_is_sent_by_the_rule_of_today() {
    #[derive(Deserialize)]
    struct Row {
        nickname: Nickname,
        title: ListingTitle,
        phone: Phone,
    }
    let json = r#"{"nickname":"min\u0430  \u2800","title":"\ue000","phone":"１２"}"#;
    assert!(serde_json::from_str::<Row>(json).is_err());
    let row: Row = as_stored(|| serde_json::from_str(json)).unwrap();
    assert_eq!(
        (row.nickname.as_str(), row.title.as_str(), row.phone.as_str()),
        ("min\u{430}  \u{2800}", "\u{e000}", "１２")
    );
    // Also when one item is read while another is, and afterwards.
    as_stored(|| as_stored(|| assert!(serde_json::from_str::<Nickname>("\"\"").is_ok())));
    as_stored(|| {
        as_stored(|| ());
        assert!(serde_json::from_str::<Nickname>("\"\"").is_ok());
    });
    let thrown = std::panic::catch_unwind(|| as_stored(|| panic!("an item that cannot be read")));
    assert!(thrown.is_err() && serde_json::from_str::<Nickname>("\"\"").is_err());
}

#[test]
fn a_name_from_elsewhere_is_cut_to_a_nickname_where_it_can_be_one() {
    let suggested = |name: &str| Nickname::suggested(name).map(|nickname| nickname.as_str().to_owned());
    assert_eq!(suggested(" Mina\u{a0} Kim\u{200b}"), Some("Mina Kim".to_owned()));
    assert_eq!(suggested(&"\u{1112}\u{1161}\u{11ab}".repeat(25)), Some("한".repeat(20)));
    assert_eq!(suggested("Wolfeschlegelsteinha usenbergerdorff"), Some("Wolfeschlegelsteinha".to_owned()));
    assert_eq!(suggested("\u{3164}"), None);
    assert_eq!(suggested("min\u{430}"), None);
}

#[test]
fn every_refusal_speaks_both_languages() {
    let refused = [
        Nickname::parse("a").unwrap_err(),
        Nickname::parse(&"a".repeat(21)).unwrap_err(),
        Nickname::parse("a\0b").unwrap_err(),
        Nickname::parse("a\u{e000}").unwrap_err(),
        Nickname::parse("min\u{430}").unwrap_err(),
        Email::parse("a").unwrap_err(),
        Email::parse("a@bücher.de").unwrap_err(),
        Phone::parse("a").unwrap_err(),
    ];
    let is_korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    for (index, problem) in refused.iter().enumerate() {
        let (english, korean) = (problem.to_string(), problem.in_korean());
        assert!(!english.is_empty() && !is_korean(&english) && is_korean(&korean), "{english} {korean}");
        assert!(refused.iter().skip(index.saturating_add(1)).all(|other| other != problem), "{english}");
    }
}

#[test]
fn attack_60_names_of_the_world_are_welcome_within_the_limit() {
    for text in ["김미나", "👩‍👩‍👧 family", "Zoë", "ﬀ full‑width ＡＢ", "مرحبا"] {
        assert!(PersonName::parse(text).is_ok(), "{text}");
    }
    let combining = format!("e{}", "\u{301}".repeat(1000));
    assert_eq!(PersonName::parse(&combining), Err(BadText::TooLong(60)));
    assert_eq!(Nickname::parse(&"가".repeat(21)), Err(BadText::TooLong(20)));
}

#[test]
fn attack_60_what_nobody_can_see_is_no_name_and_what_looks_the_same_is_one() {
    for text in ["\u{3164}\u{3164}", "\u{200b}\u{200b}\u{200b}", "a\u{200d}"] {
        assert_eq!(Nickname::parse(text), Err(BadText::TooShort(2)), "{text:?}");
    }
    for text in ["MINA", "ｍｉｎａ", "mi\u{200b}na", "mina\u{3164}", "\u{ad}Mina"] {
        assert_eq!(folded(text), "mina", "{text:?}");
    }
    assert_eq!(folded("가\u{200e}"), folded("\u{1100}\u{1161}"));
    assert_ne!(folded("mina"), folded("mina2"));
    assert!(Nickname::parse("👩‍👩‍👧 👋").is_ok());
}

#[test]
fn what_stands_for_the_erased_can_be_read_back() {
    assert_eq!(PersonName::parse(PersonName::erased().as_str()), Ok(PersonName::erased()));
    assert_eq!(AddressLine::parse(AddressLine::erased().as_str()), Ok(AddressLine::erased()));
    assert_eq!(Email::parse(Email::erased().as_str()), Ok(Email::erased()));
    assert_eq!(Phone::parse(Phone::erased().as_str()), Ok(Phone::erased()));
}

#[test]
fn attack_64_nothing_that_ends_a_header_is_an_address() {
    for wrong in [
        "",
        "a",
        "@",
        "a@",
        "@b.co",
        "a@b",
        "a b@c.de",
        "a@b.de\r\nBcc: x@y.zz",
        "a\n@b.de",
        "\"a\"@b.de",
        "a@[1.2.3.4]",
        "a@1.2.3.4",
        "a..b@c.de",
        ".a@c.de",
        "a@-b.de",
        "a@b..de",
        "a<b@c.de",
        "a@b.de,c@d.ef",
        "a@bücher.de",
    ] {
        assert!(Email::parse(wrong).is_err(), "{wrong:?}");
    }
    assert!(Email::parse(&format!("{}@b.de", "a".repeat(65))).is_err());
    assert_eq!(Email::parse("a@b\u{fc}cher.de"), Email::parse("a@bu\u{308}cher.de"));
    for (text, expected) in [
        (" Mina+Shop@Example.COM ", "mina+shop@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("o\u{2019}brien@example.com", "o'brien@example.com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
        ("\u{200b}mina@example.com\u{200b}", "mina@example.com"),
        ("\u{feff}\u{a0}mina@exam\u{ad}ple.com\u{2069}\u{3000}", "mina@example.com"),
        ("ｍｉｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "mina@example.com"),
        ("mina@example\u{3002}com", "mina@example.com"),
        ("mailto:mina@example.com", "mina@example.com"),
        ("mina@xn--bcher-kva.example", "mina@xn--bcher-kva.example"),
    ] {
        assert_eq!(Email::parse(text).unwrap().as_str(), expected, "{text:?}");
    }
}

#[test]
fn attack_69_an_address_is_masked_in_debug_output() {
    assert_eq!(format!("{:?}", Email::parse("mina@example.com").unwrap()), "m***@example.com");
}

#[test]
fn telephone_numbers_lose_what_is_written_around_the_digits() {
    for (text, expected) in [
        ("010-1234-5678", "01012345678"),
        ("010 1234 5678", "01012345678"),
        ("010.1234.5678", "01012345678"),
        ("010/1234/5678", "01012345678"),
        ("010·1234·5678", "01012345678"),
        ("010ー1234ー5678", "01012345678"),
        ("０１０－１２３４－５６７８", "01012345678"),
        ("(02) 123-4567", "021234567"),
        ("02)123-4567", "021234567"),
        ("（０２）１２３　４５６７", "021234567"),
        ("[031] 123-4567", "0311234567"),
        ("1588-1234", "15881234"),
        ("+82 10.1234.5678", "+821012345678"),
        ("+82 (0)10-1234-5678", "+821012345678"),
        ("+82(0)10-1234-5678", "+821012345678"),
        ("(+82) 010-1234-5678", "+821012345678"),
        ("+82 010-1234-5678", "+821012345678"),
        ("＋82-10-1234-5678", "+821012345678"),
        ("0082 10 1234 5678", "+821012345678"),
        ("0082 (0)10 1234 5678", "+821012345678"),
        ("tel:+82-10-1234-5678", "+821012345678"),
        ("TEL: 010-1234-5678", "01012345678"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("\u{202a}+82 10-1234-5678\u{202c}", "+821012345678"),
        (" 010-1234-5678\r\n", "01012345678"),
        ("010\t1234\t5678", "01012345678"),
    ] {
        assert_eq!(Phone::parse(text).unwrap().as_str(), expected, "{text:?}");
    }
    let invisible = "\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{202a}\u{202c}\u{202d}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{61c}\u{ad}\u{feff}";
    let spaces = "\u{a0}\u{2007}\u{2009}\u{202f}\u{3000}\u{2028}";
    let dashes = "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{ff0d}\u{fe63}";
    for c in invisible.chars().chain(spaces.chars()).chain(dashes.chars()) {
        let text = format!("{c}010{c}1234{c}{c}5678{c}");
        assert_eq!(Phone::parse(&text).unwrap().as_str(), "01012345678", "{text:?}");
    }
}

#[test]
fn what_is_no_telephone_number_is_refused() {
    for wrong in [
        "",
        "call me",
        "112",
        "+",
        "010-123",
        "1234567890123456",
        "010-1234-5678 (집)",
        "010-1234-567a",
        "010+1234+5678",
        "++821012345678",
        "010-1234-5678\0",
        "٠١٠١٢٣٤٥٦٧٨",
        "tel:",
        &"0".repeat(300),
    ] {
        assert!(Phone::parse(wrong).is_err(), "{wrong:?}");
    }
}
