use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn written(coding: Coding, masking: Masking, write: impl FnOnce(&mut Writer, &mut Outbox)) -> String {
    let (mut writer, mut outbox) = (Writer::new(coding, masking), Outbox::default());
    write(&mut writer, &mut outbox);
    writer.close_message(&mut outbox);
    hex(outbox.unsent())
}

const KEY: Masking = Masking::Client(|| [0x37, 0xfa, 0x21, 0x3d]);

#[test]
fn the_vectors_of_the_reference_are_written() {
    let data = |coding, masking, channel, bytes: &'static [u8]| {
        written(coding, masking, |writer, outbox| writer.data(channel, bytes, Cut::Anywhere, outbox))
    };
    assert_eq!(data(Coding::Raw, KEY, Channel::Stdin, b"foo\n"), "82 85 37 fa 21 3d 37 9c 4e 52 3d");
    assert_eq!(
        data(Coding::Base64, KEY, Channel::Stdin, b"foo\n"),
        "81 89 37 fa 21 3d 07 a0 4c 04 41 b9 46 00 0a"
    );
    assert_eq!(data(Coding::Raw, Masking::Server, Channel::Stdout, b"hi\r\n"), "82 05 01 68 69 0d 0a");
    assert_eq!(
        data(Coding::Base64, Masking::Server, Channel::Stdout, b"hi\r\n"),
        "81 09 31 61 47 6b 4e 43 67 3d 3d"
    );
    let resize = written(Coding::Raw, KEY, |writer, outbox| {
        writer.message(Channel::Resize, br#"{"Width":80,"Height":24}"#, outbox);
    });
    assert_eq!(
        resize,
        "82 99 37 fa 21 3d 33 81 03 6a 5e 9e 55 55 15 c0 19 0d 1b d8 69 58 5e 9d 49 49 15 c0 13 09 4a"
    );
    let control = |masking, kind, payload: &'static [u8]| {
        written(Coding::Raw, masking, |writer, outbox| writer.control(kind, payload, outbox))
    };
    assert_eq!(control(KEY, ControlKind::Close, &[3, 232]), "88 82 37 fa 21 3d 34 12");
    assert_eq!(control(Masking::Server, ControlKind::Close, &[3, 232]), "88 02 03 e8");
    assert_eq!(control(Masking::Server, ControlKind::Pong, &[]), "8a 00");
    let signal = written(Coding::Raw, KEY, |writer, outbox| writer.close_signal(Channel::Stdin, outbox));
    assert_eq!(signal, "82 82 37 fa 21 3d c8 fa");
    assert_eq!(written(Coding::Raw, KEY, Writer::empty_message), "82 80 37 fa 21 3d");
    let connected = |coding| {
        written(coding, Masking::Server, |writer, outbox| writer.message(Channel::Stdout, b"", outbox))
    };
    assert_eq!((connected(Coding::Raw), connected(Coding::Base64)), ("82 01 01".into(), "81 01 31".into()));
}

#[test]
fn data_on_one_channel_joins_and_another_channel_starts_a_message() {
    let text = written(Coding::Base64, Masking::Server, |writer, outbox| {
        for (channel, data) in [(Channel::Stdout, "h"), (Channel::Stdout, "i\r\n"), (Channel::Stderr, "\n")] {
            writer.data(channel, data.as_bytes(), Cut::Anywhere, outbox);
        }
    });
    assert_eq!(text, "81 09 31 61 47 6b 4e 43 67 3d 3d 81 05 32 43 67 3d 3d");
}

#[test]
fn a_header_takes_its_shortest_form_at_every_border() {
    for (data_len, header) in [(124, "82 7d 01"), (125, "82 7e 00 7e 01"), (65534, "82 7e ff ff 01")] {
        let data = vec![b'x'; data_len];
        let frame = written(Coding::Raw, Masking::Server, |writer, outbox| {
            writer.data(Channel::Stdout, &data, Cut::Anywhere, outbox);
        });
        assert!(frame.starts_with(header), "{data_len}: {}", &frame[..20]);
        assert!(
            frame.ends_with("78")
                && frame.split(' ').skip(header.split(' ').count()).all(|byte| byte == "78")
        );
    }
}

#[test]
fn a_full_message_is_cut_between_characters() {
    // Three bytes a character, from an offset at which the limit falls inside of one.
    let text = format!("x{}", "✓".repeat(30_000));
    for coding in [Coding::Raw, Coding::Base64] {
        let (mut writer, mut outbox) = (Writer::new(coding, Masking::Server), Outbox::default());
        writer.data(Channel::Stdout, text.as_bytes(), Cut::Characters, &mut outbox);
        writer.close_message(&mut outbox);
        let messages = super::super::testing::server_messages(outbox.unsent(), coding);
        assert!(messages.len() > 1);
        let whole: String = messages.iter().map(|(_, data)| std::str::from_utf8(data).unwrap()).collect();
        assert!(whole == text);
    }
}

#[test]
fn data_that_still_has_its_mask_is_written_as_without_it() {
    let plain: Vec<u8> = (0..10_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    let mask = Mask::new([1, 2, 3, 4]);
    let mut masked = plain.clone();
    mask.apply(&mut masked);
    for coding in [Coding::Raw, Coding::Base64] {
        for masking in [Masking::Server, KEY] {
            for cut in [1, 2, 3, 4, 5000, 9999] {
                let expected = written(coding, masking, |writer, outbox| {
                    writer.data(Channel::Stdin, &plain, Cut::Anywhere, outbox);
                });
                let got = written(coding, masking, |writer, outbox| {
                    let (first, second) = masked.split_at(cut);
                    writer.data_masked(Channel::Stdin, first, mask, outbox);
                    writer.data_masked(Channel::Stdin, second, mask.advanced(cut), outbox);
                });
                assert_eq!(got, expected, "{coding:?} {masking:?} cut at {cut}");
            }
        }
    }
}
