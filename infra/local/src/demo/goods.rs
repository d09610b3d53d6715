//! What the demo shops are and sell.

use super::painting::Motif;

/// Values of the options, price in won, and stock.
pub(super) type VariantRow = (&'static [&'static str], i64, u32);

pub(super) struct Shop {
    pub(super) email: &'static str,
    pub(super) nickname: &'static str,
    pub(super) goods: [Good; 3],
}

pub(super) struct Good {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) category: &'static str,
    pub(super) options: &'static [(&'static str, &'static [&'static str])],
    pub(super) variants: &'static [VariantRow],
    pub(super) motif: Motif,
}

pub(super) const SHOPS: [Shop; 2] = [
    Shop {
        email: "mina@shop.jangteo.test",
        nickname: "미나의작업실",
        goods: [
            Good {
                title: "오크 책상 램프",
                description: "참나무로 깎은 작은 스탠드입니다. 따뜻한 빛의 전구가 들어 있고, 스위치는 줄에 있습니다.",
                category: "lighting",
                options: &[],
                variants: &[(&[], 45_000, 8)],
                motif: Motif::Lamp,
            },
            Good {
                title: "물레로 빚은 머그",
                description: "하나씩 손으로 빚어 모양이 조금씩 다릅니다. 전자레인지와 식기세척기에 넣어도 됩니다.",
                category: "household",
                options: &[("색", &["모래", "소나무"])],
                variants: &[(&["모래"], 18_000, 12), (&["소나무"], 19_000, 1)],
                motif: Motif::Mug,
            },
            Good {
                title: "모과나무 의자",
                description: "등받이를 낮게 한 식탁 의자입니다. 기름으로 마감해 쓸수록 색이 깊어집니다.",
                category: "furniture",
                options: &[],
                variants: &[(&[], 128_000, 3)],
                motif: Motif::Chair,
            },
        ],
    },
    Shop {
        email: "jun@shop.jangteo.test",
        nickname: "준이네벼룩시장",
        goods: [
            Good {
                title: "여름 리넨 커튼",
                description: "햇빛을 부드럽게 거르는 리넨입니다. 길이는 230 cm이고, 집게 고리가 함께 갑니다.",
                category: "fabric",
                options: &[("색", &["흰색", "쪽빛"]), ("폭", &["140 cm", "200 cm"])],
                variants: &[
                    (&["흰색", "140 cm"], 39_000, 5),
                    (&["흰색", "200 cm"], 52_000, 4),
                    (&["쪽빛", "140 cm"], 42_000, 2),
                    (&["쪽빛", "200 cm"], 56_000, 0),
                ],
                motif: Motif::Curtain,
            },
            Good {
                title: "다시 칠한 서랍장",
                description: "할머니 댁에서 온 서랍장을 다시 칠했습니다. 서랍 세 개, 손잡이는 새것입니다.",
                category: "storage",
                options: &[],
                variants: &[(&[], 84_000, 1)],
                motif: Motif::Drawers,
            },
            Good {
                title: "창가에 두는 작은 화분",
                description: "물을 조금만 주어도 잘 자라는 식물입니다. 화분과 받침이 함께 갑니다.",
                category: "interior-props",
                options: &[],
                variants: &[(&[], 12_000, 20)],
                motif: Motif::Plant,
            },
        ],
    },
];
