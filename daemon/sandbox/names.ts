/**
 * Names for the synthetic company, by writing system, and the pseudo-random numbers that pick among them.
 *
 * A name is written 'native|latin' where the two differ; the Latin form makes the userName. Given and family names of
 * one script may meet in any pair. `familyFirst` scripts write the family name first in the display name.
 *
 * Used by people.ts only.
 */

export type Script = Readonly<{
  locale: string;
  /** How often this script is drawn, relative to the others. */
  weight: number;
  given: readonly string[];
  family: readonly string[];
  familyFirst?: 'spaced' | 'joined';
}>;

const list = (words: string): readonly string[] => words.trim().split(/\s+/);

export const scripts: readonly Script[] = [
  {
    locale: 'fr-FR',
    weight: 30,
    given: list('Zoé Amélie Jérôme François Chloé Hélène Loïc Mathéo Noémie Gaël Inès Benoît Cécile Rémi Anaïs Thaïs'),
    family: list(
      'Lefèvre Béranger Müller-Fabre Garçon Sévigné Dupré Crépin Gauthier Rouvière Noël Cœur Maître Faÿ Prévost Guérin Bès',
    ),
  },
  {
    locale: 'en-GB',
    weight: 14,
    given: list('Ada Grace Oliver Maeve Siân Niamh Rhys Edith Imogen Callum Tamsin Alfie Orla Hugh Beatrix Owen'),
    family: list(
      'Lovelace Hopper Brontë Ashworth Penrose Whitlock Fairbairn Llewellyn Kavanagh Thorne Oakley Sinclair Rowe Marsh Pell Dunn',
    ),
  },
  {
    locale: 'de-DE',
    weight: 8,
    given: list('Jürgen Käthe Björn Sören Grete Jörg Annika Lütte Klaus Heike Uwe Änne'),
    family: list('Müller Schäfer Weiß Groß Köhler Böhm Jäger Krüger Strauß Öhler Vogel Zimmer'),
  },
  {
    locale: 'es-ES',
    weight: 7,
    given: list('Íñigo Begoña José Lucía Ángel Núria Martín Sofía Andrés Inés Óscar Belén'),
    family: list('Núñez Ibáñez Peña Castañeda Gómez Méndez Solís Muñoz Rincón Águila Yáñez Quiñones'),
  },
  {
    locale: 'pl-PL',
    weight: 6,
    given: list('Łukasz Małgorzata Paweł Agnieszka Świętosław Żaneta Michał Bożena Grażyna Wojciech'),
    family: list('Wójcik Kowalczyk Dąbrowska Zieliński Szymańska Woźniak Król Jabłońska Źrebiec Łącka'),
  },
  {
    locale: 'tr-TR',
    weight: 4,
    given: list('İlker|Ilker Ayşe Çağla Gökhan Işıl|Isil Ömer Şule Yiğit'),
    family: list('Yıldız|Yildiz Çelik Öztürk Şahin Kılıç|Kilic Güneş Aydın|Aydin Doğan'),
  },
  {
    locale: 'vi-VN',
    weight: 5,
    given: list('Hạnh Dũng Thảo Đức|Duc Linh Phượng Quân Tuyết Hương Sơn'),
    family: list('Nguyễn Trần Lê Phạm Hoàng Vũ Đặng|Dang Bùi Đỗ|Do Hồ'),
    familyFirst: 'spaced',
  },
  {
    locale: 'ru-RU',
    weight: 6,
    given: list(
      'Дмитрий|Dmitri Анастасия|Anastasia Сергей|Sergei Ольга|Olga Юлия|Yulia Фёдор|Fyodor Щукарь|Shchukar Екатерина|Ekaterina',
    ),
    family: list(
      'Волков|Volkov Соловьёв|Solovyov Кузнецова|Kuznetsova Жуков|Zhukov Ёлкина|Yolkina Цветаева|Tsvetaeva Быков|Bykov Чехова|Chekhova',
    ),
  },
  {
    locale: 'el-GR',
    weight: 4,
    given: list('Ελένη|Eleni Γιώργος|Giorgos Δήμητρα|Dimitra Νίκος|Nikos Ξένια|Xenia Θανάσης|Thanasis'),
    family: list('Παπαδόπουλος|Papadopoulos Ζαχαρίας|Zacharias Αγγέλου|Angelou Ιωάννου|Ioannou Χρήστου|Christou'),
  },
  {
    locale: 'ar-MA',
    weight: 5,
    given: list('ليلى|Layla يوسف|Youssef فاطمة|Fatima كريم|Karim نور|Nour إبراهيم|Ibrahim'),
    family: list('الخطيب|Alkhatib منصور|Mansour بنّاني|Bennani القاسمي|Alqasimi حدّاد|Haddad'),
  },
  {
    locale: 'he-IL',
    weight: 3,
    given: list('נועה|Noa דוד|David שירה|Shira איתן|Eitan יעל|Yael'),
    family: list('כהן|Cohen לוי|Levi מזרחי|Mizrahi פרידמן|Friedman'),
  },
  {
    locale: 'zh-CN',
    weight: 4,
    given: list('秀英|Xiuying 伟|Wei 丽娜|Lina 建国|Jianguo 雨桐|Yutong 𠮷祥|Jixiang'),
    family: list('王|Wang 李|Li 张|Zhang 刘|Liu 欧阳|Ouyang 司马|Sima'),
    familyFirst: 'joined',
  },
  {
    locale: 'ja-JP',
    weight: 3,
    given: list('さくら|Sakura 健太|Kenta 美咲|Misaki タロウ|Taro 陽菜|Hina'),
    family: list('佐藤|Sato 髙橋|Takahashi 渡邊|Watanabe 小林|Kobayashi 齋藤|Saito'),
    familyFirst: 'joined',
  },
  {
    locale: 'ko-KR',
    weight: 3,
    given: list('지훈|Jihun 서연|Seoyeon 민준|Minjun 하은|Haeun 도윤|Doyun'),
    family: list('김|Kim 이|Lee 박|Park 최|Choi 정|Jeong 남궁|Namgung'),
    familyFirst: 'joined',
  },
];

/** 'native|latin' as its two halves; the same word twice where only one is given. */
export function halves(name: string): readonly [native: string, latin: string] {
  const [native = '', latin = native] = name.split('|');
  return [native, latin];
}

/** A Latin name as an address spells it: without accents, lower-case, and only letters, digits and hyphens. */
export const plain = (latin: string): string =>
  latin
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll('ß', 'ss')
    .replaceAll('œ', 'oe')
    .replaceAll('ı', 'i')
    .replace(/[^a-z0-9-]/g, '');

export type Dice = ReturnType<typeof dice>;

/** Numbers that look random and are the same for the same seed on every machine (FNV-1a into mulberry32). */
export function dice(seed: string) {
  let state = 0x811c9dc5;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  const bits = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  /** A whole number from 0 up to, not including, `below`. */
  const below = (limit: number): number => Math.floor((bits() / 2 ** 32) * limit);
  const hex = (): string => bits().toString(16).padStart(8, '0');
  return {
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)]!,
    /** True about `percent` times in a hundred. */
    chance: (percent: number): boolean => below(100) < percent,
    /** A version 4 GUID, as Entra's object ids are. */
    guid: (): string => {
      const digits = hex() + hex() + hex() + hex();
      const variant = '89ab'[below(4)]!;
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        `${variant}${digits.slice(17, 20)}`,
        digits.slice(20),
      ].join('-');
    },
  };
}
