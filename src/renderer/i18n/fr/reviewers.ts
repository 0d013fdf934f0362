/** French: reviewers with a key of their own. */
import type { reviewers as english } from '../en/reviewers.ts';
import type { Phrases } from '../phrases.ts';

export const reviewers: Phrases<typeof english> = {
  'settings.reviewers': 'Réviseurs',
  'reviewers.lead':
    'Qui décide sur des fichiers de revue en son propre nom, avec sa propre clé. Avec la règle des deux personnes, qui prépare un fichier ne peut pas être la seconde personne par sa phrase secrète ; un réviseur inscrit le peut.',
  'reviewers.none': 'Aucun réviseur n’est inscrit',
  'reviewers.noneWhy':
    'Les fichiers de revue s’ouvrent alors avec une phrase secrète. Inscrivez quelqu’un pour que ses décisions soient signées avec une clé qui n’est qu’à lui.',
  'reviewers.add': 'Inscrire un réviseur…',
  'reviewers.add.title': 'Inscrire un réviseur',
  'reviewers.add.do': 'Inscrire',
  'reviewers.add.words':
    'Cette personne crée sa propre clé, garde le fichier pour elle et vous donne la clé publique. Comparez l’empreinte avec elle par un autre moyen, comme le téléphone.',
  'reviewers.nameWhy': 'Ses décisions sont consignées sous ce nom.',
  'reviewers.key': 'Clé publique',
  'reviewers.keyWhy':
    'Telle que la page « Votre propre clé » ou `steeple-relay review keygen` l’a affichée : 43 lettres et chiffres.',
  'reviewers.keyWrong':
    'Ce n’est pas une clé publique. Elle a 43 lettres et chiffres ; le fichier d’une clé privée n’a pas sa place ici.',
  'reviewers.replaces': '{{name}} est déjà inscrit. La nouvelle clé remplace l’ancienne.',
  'reviewers.end.title': '{{name}} n’est plus réviseur',
  'reviewers.end.words':
    'Les fichiers déjà préparés pour cette personne restent valables jusqu’à leur expiration. Les nouveaux demanderont une phrase secrète.',
  'reviewers.yours': 'Votre propre clé',
  'reviewers.yours.lead':
    'Si c’est vous le réviseur : créez votre clé ici, sur votre ordinateur. La partie privée est enregistrée dans un fichier et reste chez vous ; la partie publique est ce que vous donnez à l’administrateur.',
  'reviewers.make': 'Créer une clé',
  'reviewers.read': 'Afficher la clé publique d’un fichier',
  'reviewers.made': 'Donnez cette clé publique à l’administrateur',
  'reviewers.madeWhy': 'Gardez le fichier pour vous : qui l’a décide en votre nom.',
  'reviewers.relay': 'Ce relais',
  'reviewers.relay.lead':
    'Dites cette empreinte aux réviseurs, par un autre moyen que le fichier. Ils la comparent avant de décider.',
};
