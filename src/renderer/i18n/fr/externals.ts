/** French: external accounts. */
import type { externals as english } from '../en/externals.ts';
import type { Phrases } from '../phrases.ts';

export const externals: Phrases<typeof english> = {
  'settings.externals': 'Comptes externes',
  'externals.lead':
    'Comptes de Steeple qu’aucune source ne connaît et qui y sont exprès : créés à la main, avec un e-mail et un mot de passe propres. Le relais n’y écrit jamais.',
  'externals.filter': 'Afficher',
  'externals.all': 'Tous',
  'externals.due': 'À revoir',
  'externals.search': 'Compte, responsable ou raison',
  'externals.none': 'Aucun compte n’est déclaré externe',
  'externals.noneWhy':
    'Agences, partenaires, boîtes partagées : déclarez-les ici, pour qu’un plan ne les présente pas comme inconnus.',
  'externals.isDue': 'À revoir',
  'externals.gone': 'Absent de Steeple',
  'externals.known': 'Une source le connaît désormais',
  'externals.owner': 'Responsable',
  'externals.again': 'À revoir le',
  'externals.never': 'jamais',
  'externals.by': 'par {{name}}, {{when}}',
  'externals.reason': 'Pourquoi il est là',
  'externals.reasonLike': 'Agence qui rédige la lettre interne',
  'externals.ownerLike': 'Nom ou équipe',
  'externals.add': 'En déclarer un…',
  'externals.add.title': 'Déclarer un compte externe',
  'externals.add.do': 'Le déclarer externe',
  'externals.add.words':
    'Rien n’est écrit dans Steeple. Assurez-vous que c’est bien un compte créé à la main là-bas, sinon il perd son accès une fois la synchronisation activée.',
  'externals.account': 'Compte',
  'externals.noPlan': 'Les comptes présents sont connus une fois qu’un plan a été fait.',
  'externals.noStrangers': 'Le dernier plan n’a trouvé aucun compte inconnu.',
  'externals.change': 'Modifier…',
  'externals.change.title': 'Modifier la déclaration de {{name}}',
  'externals.end': 'Mettre fin…',
  'externals.end.title': '{{name}} n’est plus externe',
  'externals.end.do': 'Y mettre fin',
  'externals.end.words': 'Le compte reste tel quel dans Steeple, et les plans le présentent de nouveau comme inconnu.',
};
